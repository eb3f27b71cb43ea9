import type { BuiltImages } from '@maestro/orchestrator';

import { shortDigest } from './images.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The image of each service, a line each, and the release under which they are remembered. */
export function renderBuilt({ release, services }: BuiltImages, { colors }: Style): string {
  const rows = services.map(({ service, repository, tag, digest, built }) => [
    colors.bold(service),
    `${repository}:${tag}`,
    shortDigest(digest),
    built ? 'built' : 'unchanged',
  ]);
  return [...table(rows), ...(release === null ? [] : [`Remembered as ${release}.`])].join('\n');
}
