import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assembleImage, type StoredImage } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import { openOciImageStore, openOciReleaseHistory } from '@maestro/image-store/oci';
import { sampleRelease, sampleSource } from '@maestro/image-store/testing';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { openEnvironment } from '../../src/index.ts';

const timeout = 60_000;

describeWith('the images of environments that run containers', ['docker', 'image-repository'], (parts) => {
  const open = async (name: string) => {
    const { docker, 'image-repository': repository } = parts();
    const project = `${docker.suite}-${name}`;
    const registry = repository.address;
    const namespace = `${repository.prefix}${name}`;
    const folder = await mkdtemp(join(tmpdir(), 'maestro-container-images-'));
    const images = { engine: docker.address, repository: `${registry}/${namespace}` };
    const environment = { runtime: 'docker', proxy: { port: 0 }, images };
    const services = { api: { context: 'api', image: { dockerfile: 'api.Dockerfile' } } };
    const config = join(folder, 'maestro.config.json');
    const environments = { production: environment, staging: environment };
    await writeFile(config, JSON.stringify({ project, services, environments }));
    const place = { registry, namespace };
    return {
      project,
      production: await openEnvironment({ config, environment: 'production' }),
      engine: openDockerEngine({ engine: docker.address, repositories: place }),
      store: openOciImageStore(place),
      history: openOciReleaseHistory({ ...place, project }),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  };

  /** In the engine and the image repository, the oldest first. */
  const putImages = async ({ engine, store, project }: Awaited<ReturnType<typeof open>>, count: number) => {
    const put: StoredImage[] = [];
    for (let day = 1; day <= count; day += 1) {
      const committedAt = new Date(Date.UTC(2026, 0, day)).toISOString();
      const source = sampleSource({ 'main.js': `${project} ${day}` }, { committedAt });
      const labels = parts().docker.labels;
      const image = await assembleImage({ source, repository: `${project}-api`, environment: 'production', labels });
      await engine.store.put(image);
      put.push(await store.put(image));
    }
    return put;
  };

  it('prunes here and there what nothing needs, never what another environment remembers', { timeout }, async () => {
    await using site = await open('pruned');
    const [staged, unneeded, alsoUnneeded, ...newest] = await putImages(site, 13);
    const released = { configHash: '', secretVersions: {}, name: 'api', image: `${site.project}-api:production-1` };
    const services = [{ ...released, digest: staged?.digest ?? '' }];
    await site.history.record(sampleRelease(1, { environment: 'staging', kind: 'push', outcome: 'pushed', services }));

    const said = await site.production.images.prune({ dryRun: true });
    const { removed, keep } = await site.production.images.prune({ dryRun: false });
    expect(removed).toEqual(said.remove);
    const gone = [unneeded?.digest, alsoUnneeded?.digest];
    expect(removed.map(({ place, digest }) => [place, digest])).toEqual([
      ...gone.map((digest) => ['engine', digest]),
      ...gone.map((digest) => ['repository', digest]),
    ]);
    expect(keep.filter(({ image }) => image.digest === staged?.digest).map(({ because }) => because)).toEqual([
      expect.stringContaining('of staging'),
      expect.stringContaining('of staging'),
    ]);
    for (const { store } of [site.engine, site]) {
      const left = await store.list({ repository: `${site.project}-api` });
      expect(left.map(({ digest }) => digest).sort()).toEqual(
        [staged, ...newest].map((one) => one?.digest ?? '').sort(),
      );
    }
  });

  it('take a tag of any length that image repositories accept', { timeout }, async () => {
    await using site = await open('tagged');
    const [image] = await putImages(site, 1);
    const tag = 't'.repeat(128);
    const tagged = await site.production.images.tag({ service: 'api', image: image?.digest ?? '', tag });
    expect(tagged.tags).toContain(tag);
  });
});
