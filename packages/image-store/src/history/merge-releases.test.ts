import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { sampleRelease } from '../testing/samples.ts';
import { mergeReleases } from './merge-releases.ts';

/** Few ids and few variants, so that histories overlap and contradict one another. */
const record = fc
  .record({ index: fc.nat({ max: 8 }), by: fc.constantFrom('ada@build-1', 'ada@build-1', 'grace@laptop') })
  .map(({ index, by }) => sampleRelease(index, { by }));
const history = fc.array(record, { maxLength: 12 });
const ids = (records: readonly ReleaseRecord[]) => new Set(records.map(({ id }) => id));

it('does not depend on the order of the histories, nor on how often one is counted', () => {
  fc.assert(
    fc.property(history, history, (one, other) => {
      const merged = mergeReleases(one, other);
      expect(mergeReleases(other, one)).toEqual(merged);
      expect(mergeReleases(one, other, one)).toEqual(merged);
      expect(mergeReleases(merged.records, ...merged.conflicts, one)).toEqual(merged);
    }),
  );
});

it('does not depend on which histories met first', () => {
  fc.assert(
    fc.property(history, history, history, (one, other, third) => {
      const { records } = mergeReleases(one, other, third);
      expect(mergeReleases(mergeReleases(one, other).records, third).records).toEqual(records);
      expect(mergeReleases(one, mergeReleases(other, third).records).records).toEqual(records);
    }),
  );
});

it('loses no release, invents none, and lists each once, the newest first', () => {
  fc.assert(
    fc.property(history, history, (one, other) => {
      const { records } = mergeReleases(one, other);
      expect(ids(records)).toEqual(ids([...one, ...other]));
      expect(records.map(({ id }) => id)).toEqual([...ids(records)].sort().reverse());
      for (const merged of records) expect([...one, ...other]).toContainEqual(merged);
    }),
  );
});

it('reports every contradiction, and nothing else', () => {
  fc.assert(
    fc.property(history, history, (one, other) => {
      const { records, conflicts } = mergeReleases(one, other);
      const variants = (id: string) => new Set([...one, ...other].filter((r) => r.id === id).map(({ by }) => by));
      const contradicted = records.filter(({ id }) => variants(id).size > 1);
      expect(conflicts.map(([first]) => first)).toEqual(contradicted);
      for (const [first, second] of conflicts) expect(first?.by).not.toBe(second?.by);
    }),
  );
});

it('takes records with their fields in another order for the same', () => {
  const one = sampleRelease(1);
  const other = Object.fromEntries(Object.entries(one).reverse()) as unknown as ReleaseRecord;
  expect(mergeReleases([one], [other])).toEqual({ records: [one], conflicts: [] });
});
