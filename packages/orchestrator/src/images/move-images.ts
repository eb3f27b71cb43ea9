import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { isUsable, mirrorImages, newestUsable, type ReleaseRecord } from '@maestro/image-store';
import { saveRelease } from '@maestro/image-store/embedded';

import type { LoadOptions, MirroredImages, MirrorOptions, SavedImages, SaveOptions } from './environment-images.ts';
import { noImageRepository, unknownRelease } from './errors.ts';
import type { ImageParts } from './image-parts.ts';

/** Writes a release and its images to a file. */
export async function saveImages(parts: ImageParts, options: SaveOptions): Promise<SavedImages> {
  const { onEvent, signal } = options;
  const file = resolve(options.file);
  const release = await releaseToMove(parts, options.release, signal);
  const { clock, logger } = parts;
  await saveRelease({ from: contentOf(parts), release, file, clock, logger, onEvent, signal });
  return await described(parts, release, file);
}

/** Puts a saved release where images are kept for good, and remembers it. */
export async function loadImages(parts: ImageParts, { file, onEvent, signal }: LoadOptions): Promise<SavedImages> {
  const path = resolve(file);
  const release = await parts.load(path, { onEvent, signal });
  await remember(parts, release, signal);
  return await described(parts, release, path);
}

/** Copies the images of a release to another image repository. */
export async function mirrorRelease(parts: ImageParts, options: MirrorOptions): Promise<MirroredImages> {
  const { to, onEvent, signal } = options;
  const target = await parts.openRepository(to);
  const release = await releaseToMove(parts, options.release, signal);
  const { clock, logger } = parts;
  const images = imagesOf(parts, release);
  for (const { repository } of images) await target.ensure(repository, signal);
  await mirrorImages({ from: contentOf(parts), to: target.content, release, clock, logger, onEvent, signal });
  return { release: release.id, to, images };
}

/** Here nobody has run it yet, whatever became of it where it was saved; loading it again changes nothing. */
async function remember(
  { environment: { name: environment }, history }: ImageParts,
  release: ReleaseRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const records = await history.list({ environment, limit: Number.MAX_SAFE_INTEGER }, { signal });
  if (records.some(({ id }) => id === release.id)) return;
  const previousHealthy = newestUsable(records)?.id ?? null;
  await history.record(
    { ...release, environment, kind: 'push', outcome: 'pushed', previousHealthy, restores: null, reason: null },
    { signal },
  );
}

function contentOf({ content, environment }: ImageParts) {
  if (content === null) throw noImageRepository(environment.name);
  return content;
}

/** The release that was asked for, else the newest that could be run. */
async function releaseToMove(
  { history, environment: { name: environment } }: ImageParts,
  id: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReleaseRecord> {
  const found =
    id === undefined
      ? (await history.list({ environment }, { signal })).find(isUsable)
      : await history.get({ environment, id }, { signal });
  if (found === undefined) throw unknownRelease(environment, id);
  return found;
}

async function described(parts: ImageParts, release: ReleaseRecord, file: string): Promise<SavedImages> {
  const { size } = await stat(file);
  return { release: release.id, file, images: imagesOf(parts, release), sizeBytes: size };
}

function imagesOf({ environment }: ImageParts, { services }: ReleaseRecord): SavedImages['images'] {
  return services.map(({ name, image, digest }) => ({
    repository: `${environment.project}-${name}`,
    tag: image.slice(image.lastIndexOf(':') + 1),
    digest,
  }));
}
