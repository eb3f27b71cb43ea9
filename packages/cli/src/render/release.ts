import type { ReleasedService, ReleaseResult, UnjudgedVersions } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import { shortDigest, shortImage } from './images.ts';
import { outcomeColor } from './outcomes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { formatDuration } from './times.ts';

/** How a release ended, for people: one sentence, then what runs now. */
export function renderRelease(environment: string, result: ReleaseResult, { colors }: Style): string {
  const { release, outcome, durationMs, switchMs, unjudged, failedHooks, services, affected } = result;
  if (release === null && affected?.length === 0) return 'Nothing to do: no service is affected by what changed.';
  if (release === null) return `Nothing to do: ${environment} already runs this.`;
  const traffic = switchMs === null ? 'traffic was not switched' : `traffic switched in ${formatDuration(switchMs)}`;
  const ending = outcomeColor(outcome, colors)(outcome);
  return [
    `Release ${colors.bold(release)} ${ending} in ${environment} after ${formatDuration(durationMs)}; ${traffic}.`,
    ...table(
      services.map((service) => serviceRow(service, colors)),
      '  ',
    ),
    ...unjudged.map((versions) => unjudgedLine(versions, colors)),
    ...failedHooks.map(({ message }) => `${colors.yellow('Not stopped by it')}: ${message}`),
  ].join('\n');
}

function unjudgedLine({ step, percent, services }: UnjudgedVersions, colors: Colors): string {
  const where = percent === null ? `in the ${step}` : `in the ${step} of ${percent} %`;
  return `${colors.yellow('Not judged')} ${where}: ${services.join(', ')} had too few requests.`;
}

function serviceRow({ name, slot, image, digest, changed }: ReleasedService, colors: Colors): string[] {
  const cells = [name, slot, shortImage(image), shortDigest(digest), changed ? 'started' : 'kept'];
  return changed ? cells : cells.map(colors.dim);
}
