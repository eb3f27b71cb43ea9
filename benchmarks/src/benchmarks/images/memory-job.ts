import { setFlagsFromString } from 'node:v8';

import type { MemoryStep, MemoryWork } from './memory-work.ts';
import { peakBytes } from './peak-of-process.ts';
import { releaseOf } from './release-of.ts';

// Does what it is told, as a script of somebody's would, and prints the most memory this process has had, in bytes.
const work = JSON.parse(process.argv[2] ?? '') as MemoryWork;
const { location, repository, tag, large, folder } = work;
if (work.asMaestro) setFlagsFromString('--optimize-for-size');

// Each imports what it needs: the rest would count, too.
const steps: Readonly<Record<MemoryStep, () => Promise<unknown>>> = {
  async build() {
    const { buildImages } = await import('@maestro/image-store');
    await buildImages({
      project: work.project,
      environment: 'production',
      services: [{ name: 'api', context: work.context, args: { ROUND: tag } }],
      builder: (await openEngine()).builder,
      find: () => Promise.resolve(undefined),
      allowDirty: false,
    });
  },
  async push() {
    const { engine, store } = await openEngine();
    const { digest = '' } = (await store.resolve({ repository, reference: 'latest' })) ?? {};
    await store.retag({ repository, digest, tag });
    await engine.push({ repository, tag });
  },
  async pull() {
    const { engine, store } = await openEngine();
    const { digest = '' } = (await store.resolve({ repository, reference: tag })) ?? {};
    await store.remove({ repository, digest });
    await engine.pull({ repository, digest });
  },
  async retag() {
    const { openOciImageStore } = await import('@maestro/image-store/oci');
    await openOciImageStore(location).retag({ repository, digest: large.digest, tag: `${tag}-again` });
  },
  async copy() {
    const { copyImage } = await import('@maestro/image-store');
    const { openOciImageContent } = await import('@maestro/image-store/oci');
    const [from, to] = [openOciImageContent(location), openOciImageContent(work.copyTo)];
    const { copiedBytes } = await copyImage({ from, to, repository, digest: large.digest, tags: [tag] });
    if (copiedBytes < large.sizeBytes) throw new Error(`only ${copiedBytes} bytes were copied`);
  },
  async save() {
    const { saveRelease } = await import('@maestro/image-store/embedded');
    const { openOciImageContent } = await import('@maestro/image-store/oci');
    const services = [{ name: 'api', image: `${repository}:large`, digest: large.digest }];
    const release = releaseOf({ index: 0, previousHealthy: null, services });
    await saveRelease({ from: openOciImageContent(location), file: `${folder}/saved.tar`, release });
  },
};

async function openEngine() {
  const { openDockerEngine } = await import('@maestro/image-store/docker');
  return openDockerEngine({ engine: work.engine, repositories: location });
}

for (const step of work.steps) await steps[step]();
process.stdout.write(`${await peakBytes('self')}\n`);
