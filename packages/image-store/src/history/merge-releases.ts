import { isDeepStrictEqual } from 'node:util';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { newestReleaseFirst } from './kept-releases.ts';

export interface MergedReleases {
  /** Every release that any of the histories has, the newest first. */
  readonly records: readonly ReleaseRecord[];
  /** Of each release with different records all of them; among the records is the first. */
  readonly conflicts: readonly (readonly ReleaseRecord[])[];
}

/**
 * The union of what several histories have of one environment: the order of the histories does not matter, nor how often
 * one is counted. Where two records have one id, every machine chooses the same.
 */
export function mergeReleases(...histories: readonly (readonly ReleaseRecord[])[]): MergedReleases {
  const byId = new Map<string, ReleaseRecord[]>();
  for (const record of histories.flat()) {
    const known = byId.get(record.id) ?? [];
    if (!known.some((other) => isDeepStrictEqual(other, record))) byId.set(record.id, [...known, record]);
  }
  const variants = [...byId.values()].map((records) => records.toSorted(byText));
  return {
    records: variants.flatMap(([first]) => first ?? []).sort(newestReleaseFirst),
    conflicts: variants.filter(({ length }) => length > 1).sort(byFirst),
  };
}

function byFirst([a]: readonly ReleaseRecord[], [b]: readonly ReleaseRecord[]): number {
  return a === undefined || b === undefined ? 0 : newestReleaseFirst(a, b);
}

/** Any order that is the same on every machine, whatever order the record's fields came in. */
function byText(a: ReleaseRecord, b: ReleaseRecord): number {
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) =>
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}
