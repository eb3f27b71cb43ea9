import type { ReleaseRecord } from '@maestro/orchestrator';

import { shortDigest, shortImage, shortRevision } from './images.ts';
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
    .map((release, index) => [heads[index], ...remarks(release, style), ...(images[index] ?? [])].join('\n'))
    .join('\n\n');
}

/** Why it ended so, by which plan, and what nobody could judge. */
function remarks(
  { reason, restores, planHash, switchMs, unjudged = [] }: ReleaseRecord,
  { colors }: Style,
): readonly string[] {
  const facts = [
    ...(planHash === undefined ? [] : [`plan ${shortDigest(planHash)}`]),
    ...(restores === null ? [] : [`returned to ${restores}`]),
    ...(typeof switchMs === 'number' ? [`switched in ${formatDuration(switchMs)}`] : []),
  ];
  return [
    ...(reason === null ? [] : [`  ${reason.replaceAll('\n', '\n  ')}`]),
    ...(facts.length === 0 ? [] : [colors.dim(`  ${facts.join(', ')}`)]),
    ...unjudged.map(({ step, percent, services }) => {
      const where = percent === null ? step : `${step} at ${percent} %`;
      return `  not judged in the ${where}, for too few requests: ${services.join(', ')}`;
    }),
  ];
}

function headRow({ id, kind, outcome, at, durationMs, by }: ReleaseRecord, { colors, now }: Style): readonly string[] {
  const ending = outcomeColor(outcome, colors)(outcome);
  return [colors.bold(id), kind, ending, formatAge(at, now), formatDuration(durationMs), by];
}

function imageRows({ services }: ReleaseRecord): readonly (readonly string[])[] {
  return services.map(({ name, image, digest, revision }) => [
    name,
    shortImage(image),
    shortDigest(digest),
    ...(revision === undefined ? [] : [shortRevision(revision)]),
  ]);
}
