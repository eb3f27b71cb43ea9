import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { assembleImage } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import { openOciImageStore } from '@maestro/image-store/oci';
import type { FetchImage, WantedImage } from '@maestro/bluegreen/docker';
import Docker from 'dockerode';

import type { Place } from './place.ts';

/** An image of the service that is in the repository. */
export type ServiceImage = Pick<WantedImage, 'image' | 'digest'>;

/** Images of Node and the service, from scratch, that have no layer in common. */
export interface Images {
  readonly all: readonly ServiceImage[];
  /** Of everything in one, before the engine unpacks it. */
  readonly bytes: number;
  /** Pulls an image by its digest where the engine does not hold it. */
  readonly fetch: FetchImage;
  /** What the engine calls one that it holds. */
  readonly nameOf: (image: ServiceImage) => string;
  /** Removes an image and its layers from the engine, where it holds it. */
  readonly evict: (image: ServiceImage) => Promise<void>;
}

/** What runs the service in a container of its images. */
export const command = [process.execPath, '/service.mjs'];

export async function publishImages({ parts, signal }: Place, count: number): Promise<Images> {
  const { suite, address, engine } = parts.docker;
  const location = { registry: parts['image-repository'].address, namespace: `${suite}/switch` };
  const repository = `${suite}-service`;
  const store = openOciImageStore(location);
  const target = openDockerEngine({ engine: address, repositories: location });
  const api = new Docker({ protocol: 'http', host: '', ...engine });
  const key = ({ digest }: Pick<ServiceImage, 'digest'>) => ({ repository, digest });

  const files = await filesOfService();
  const publish = async (): Promise<ServiceImage> => {
    const image = await imageOf(repository, files);
    await store.put(image, { signal });
    return { image: `${repository}:${image.tag}`, digest: image.digest };
  };
  const all = await Promise.all(Array.from({ length: count }, publish));
  return {
    all,
    bytes: files.reduce((sum, { contents }) => sum + contents.byteLength, 0),
    nameOf: (image) => target.nameOf(key(image)),
    fetch: async ({ digest }, options) => {
      const image = key({ digest });
      await target.engine.pull(image, options);
      return target.nameOf(image);
    },
    evict: async (image) => {
      const [held] = await api.listImages({ filters: { reference: [target.nameOf(key(image))] } });
      if (held !== undefined) await api.getImage(held.Id).remove({ force: true });
    },
  };
}

/** Something in it is its own, so that the only layer is, too: nothing of it stays in an engine because of another one. */
function imageOf(repository: string, files: Awaited<ReturnType<typeof filesOfService>>) {
  const revision = randomBytes(20).toString('hex');
  const own = { path: 'revision', mode: 0o644, contents: Buffer.from(revision) } as const;
  const sorted = [...files, own].sort((a, b) => (a.path < b.path ? -1 : 1));
  const source = { revision, shortRevision: revision.slice(0, 7), dirty: false, files: sorted };
  return assembleImage({
    repository,
    environment: 'production',
    source: { ...source, committedAt: '2026-01-01T00:00:00.000Z' },
  });
}

/** Node where it is on this machine, the libraries that it is linked with, and the service. */
async function filesOfService() {
  const { stdout } = await promisify(execFile)('ldd', [process.execPath]);
  const libraries = Array.from(stdout.matchAll(/(?<path>\/\S+) \(0x/g), (match) => match.groups?.path ?? '');
  const programs = [process.execPath, ...libraries].map(async (path) => {
    return { path: path.slice(1), mode: 0o755, contents: await readFile(path) } as const;
  });
  const service = await readFile(join(import.meta.dirname, 'service.mjs'));
  return [...(await Promise.all(programs)), { path: 'service.mjs', mode: 0o644, contents: service } as const];
}
