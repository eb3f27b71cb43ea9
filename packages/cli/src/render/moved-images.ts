import type { MirroredImages, SavedImages } from '@maestro/orchestrator';

import { shortDigest } from './images.ts';
import { formatBytes } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

type MovedImages = SavedImages['images'];

/** What a file holds that was written or read. */
export function renderSaved(verb: 'Loaded' | 'Saved', saved: SavedImages, style: Style): string {
  const { release, file, images, sizeBytes } = saved;
  const direction = verb === 'Saved' ? 'to' : 'from';
  return [`${verb} ${release} ${direction} ${file} (${formatBytes(sizeBytes)}):`, ...rows(images, style)].join('\n');
}

export function renderMirrored({ release, to, images }: MirroredImages, style: Style): string {
  return [`Mirrored ${release} to ${to}:`, ...rows(images, style)].join('\n');
}

function rows(images: MovedImages, { colors }: Style): readonly string[] {
  return table(
    images.map(({ repository, tag, digest }) => [colors.bold(repository), tag, shortDigest(digest)]),
    '  ',
  );
}
