import type { PlacedImage, PrunedImages, StoredImage } from '@maestro/orchestrator';

import { shortDigest } from './images.ts';
import { formatBytes } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { formatAge } from './times.ts';

const placeNames = { folder: 'folder', engine: 'engine', repository: 'image repository' } as const;

/** The images of an environment for people, a line each. */
export function renderImages(environment: string, images: readonly StoredImage[], style: Style): string {
  if (images.length === 0) return `No images in ${environment} yet.`;
  return table(images.map((image) => row(image, style))).join('\n');
}

/** What a pruning removed, or would, and how to have it done. */
export function renderPruned(
  environment: string,
  { remove, removed, keep, freedBytes, dryRun }: PrunedImages & { readonly dryRun: boolean },
  style: Style,
): string {
  if (remove.length + keep.length === 0) return `No images in ${environment} yet.`;
  if (remove.length === 0) return `Nothing to remove: ${environment} needs ${count(keep.length)}, all it has.`;
  const lines = table(
    (dryRun ? remove : removed).map((image) => placedRow(image, style)),
    '  ',
  );
  const size = formatBytes(freedBytes);
  if (dryRun) {
    return [
      `Would remove ${count(remove.length)} of ${environment} (${size}) and keep ${keep.length}:`,
      ...lines,
      `Next: maestro images prune --yes -e ${environment}`,
    ].join('\n');
  }
  return [`Removed ${count(removed.length)} of ${environment} (${size}), kept ${keep.length}:`, ...lines].join('\n');
}

function count(images: number): string {
  return images === 1 ? '1 image' : `${images} images`;
}

/** Where the image is, unless there is one place alone. */
function placedRow(image: PlacedImage, style: Style): readonly string[] {
  return image.place === 'folder' ? row(image, style) : [...row(image, style), `in the ${placeNames[image.place]}`];
}

function row(image: StoredImage, { colors, now }: Style): readonly string[] {
  const { repository, digest, tags, createdAt, sizeBytes } = image;
  const age = formatAge(createdAt, now);
  return [colors.bold(repository), shortDigest(digest), formatBytes(sizeBytes), age, tags.join(', ')];
}
