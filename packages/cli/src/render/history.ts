import type { ReleaseRecord } from '@maestro/orchestrator';

import { shortDigest, shortImage } from './images.ts';
import { outcomeColor } from './outcomes.ts';
import type { Style } from './style.ts';
import { alignedTables, table } from './table.ts';
import { formatAge, formatDuration } from './times.ts';

/** The last releases for people, newest first, each with the images it gave its services. */
export function renderHistory(environment: string, releases: readonly ReleaseRecord[], style: Style): string {
  if (releases.length === 0) return `No releases in ${environment} yet.`;
  const heads = table(releases.map((release) => headRow(release, style)));
  const images = alignedTables(releases.map(imageRows), '  ');
  return releases
    .map(({ reason }, index) => {
      const remark = reason === null ? [] : [`  ${reason}`];
      return [heads[index], ...remark, ...(images[index] ?? [])].join('\n');
    })
    .join('\n\n');
}

function headRow({ id, kind, outcome, at, durationMs, by }: ReleaseRecord, { colors, now }: Style): readonly string[] {
  const ending = outcomeColor(outcome, colors)(outcome);
  return [colors.bold(id), kind, ending, formatAge(at, now), formatDuration(durationMs), by];
}

function imageRows({ services }: ReleaseRecord): readonly (readonly string[])[] {
  return services.map(({ name, image, digest }) => [name, shortImage(image), shortDigest(digest)]);
}
