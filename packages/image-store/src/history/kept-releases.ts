import { isMaestroError } from '@maestro/core';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { isHealthy, rollbackPath } from './rollback-target.ts';

/** How many of an environment's releases are remembered whatever happened since. */
const keptReleases = 10;

/** How many it is to be in environments that want more. */
export type KeptReleases = ReadonlyMap<string, number>;

export function keptOf(kept: KeptReleases | undefined, environment: string): number {
  return Math.max(keptReleases, kept?.get(environment) ?? 0);
}

/**
 * The ids of the releases that must stay: the `newest`, what they refer to, and what a rollback of the live release
 * would need, which is older than those when one deployment after another is refused.
 */
export function releasesToKeep(records: readonly ReleaseRecord[], newest = keptReleases): ReadonlySet<string> {
  const sorted = [...records].sort(newestReleaseFirst);
  const live = sorted.find(isHealthy);
  const wanted = [...sorted.slice(0, newest), ...(live === undefined ? [] : [live])];
  const kept = new Set<string>();
  for (const { id, previousHealthy, restores } of wanted) {
    for (const needed of [id, previousHealthy, restores]) if (needed !== null) kept.add(needed);
  }
  for (const id of rollbackIds(live, sorted)) kept.add(id);
  return kept;
}

/**
 * The ids to read next of a history that holds more than is remembered, and whose records are read one by one: none once
 * everything that must stay was read. `ids` are the newest first; an unreadable record is undefined in `read`.
 */
export function releasesToRead(
  ids: readonly string[],
  read: ReadonlyMap<string, ReleaseRecord | undefined>,
  kept = keptReleases,
): readonly string[] {
  const referred = releasesToKeep(
    [...read.values()].filter((record) => record !== undefined),
    kept,
  );
  const wanted = new Set([...newestToRead(ids, read, kept), ...referred]);
  return ids.filter((id) => wanted.has(id) && !read.has(id));
}

/** As many as are kept, and as many more until the live release is among them. */
function newestToRead(ids: readonly string[], read: ReadonlyMap<string, ReleaseRecord | undefined>, kept: number) {
  const newest: string[] = [];
  let ends = false;
  for (const id of ids) {
    const record = read.get(id);
    if (read.has(id) && record === undefined) continue;
    newest.push(id);
    // Whether one that is not read yet is live is not known: the next ones are for when none of these is.
    ends ||= record === undefined || isHealthy(record);
    if (ends && newest.length % kept === 0) break;
  }
  return newest;
}

export function newestReleaseFirst(a: ReleaseRecord, b: ReleaseRecord): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function rollbackIds(live: ReleaseRecord | undefined, records: readonly ReleaseRecord[]): readonly string[] {
  try {
    return rollbackPath({ records, current: live?.id ?? null }).map(({ id }) => id);
  } catch (error) {
    // The way leads to a release that is none of these: it may be among others that are not read yet.
    if (isMaestroError(error, 'IMAGE_STORE_UNKNOWN_RELEASE'))
      return typeof error.details?.release === 'string' ? [error.details.release] : [];
    // There may be nothing to return to, as after the first release.
    if (isMaestroError(error)) return [];
    throw error;
  }
}
