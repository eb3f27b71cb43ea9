import type { ReleaseImages } from '@maestro/orchestrator';

import { shortDigest, shortImage } from './images.ts';
import type { Style } from './style.ts';
import { alignedTables, table } from './table.ts';
import { formatAge } from './times.ts';

/** The remembered releases for people, newest first, with their images; one that is there no more says so. */
export function renderReleasedImages(environment: string, history: readonly ReleaseImages[], style: Style): string {
  if (history.length === 0) return `No releases in ${environment} yet.`;
  const { colors, now } = style;
  const heads = table(
    history.map(({ release: { id, kind, outcome, at, by } }) => [
      colors.bold(id),
      kind,
      outcome,
      formatAge(at, now),
      by,
    ]),
  );
  const images = alignedTables(
    history.map((entry) => imageRows(entry, style)),
    '  ',
  );
  return history.map((_, index) => [heads[index], ...(images[index] ?? [])].join('\n')).join('\n\n');
}

function imageRows({ images }: ReleaseImages, { colors }: Style): readonly (readonly string[])[] {
  return images.map(({ name, image, digest, stored }) => [
    name,
    shortImage(image),
    shortDigest(digest),
    stored ? '' : colors.red('gone'),
  ]);
}
