import { isMaestroError } from '@maestro/core';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { isHealthy, rollbackPath } from './rollback-target.ts';

/** How many of an environment's releases are remembered whatever happened since. */
export const keptReleases = 10;

/**
 * The ids of the releases that must stay: the newest 10, what they refer to, and what a rollback of the live release
 * would need, which is older than those when one deployment after another is refused.
 */
export function releasesToKeep(records: readonly ReleaseRecord[]): ReadonlySet<string> {
  const sorted = [...records].sort(newestReleaseFirst);
  const live = sorted.find(isHealthy);
  const wanted = [...sorted.slice(0, keptReleases), ...(live === undefined ? [] : [live])];
  const kept = new Set<string>();
  for (const { id, previousHealthy, restores } of wanted) {
    for (const needed of [id, previousHealthy, restores]) if (needed !== null) kept.add(needed);
  }
  for (const { id } of rollbackPathFrom(live, sorted)) kept.add(id);
  return kept;
}

export function newestReleaseFirst(a: ReleaseRecord, b: ReleaseRecord): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function rollbackPathFrom(
  live: ReleaseRecord | undefined,
  records: readonly ReleaseRecord[],
): readonly ReleaseRecord[] {
  try {
    return rollbackPath({ records, current: live?.id ?? null });
  } catch (error) {
    // There may be nothing to return to, as after the first release.
    if (isMaestroError(error)) return [];
    throw error;
  }
}
