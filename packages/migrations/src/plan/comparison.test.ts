import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checksumVersion } from '../files/checksum.ts';
import { defaultDirectives } from '../files/directives.ts';
import type { Migration } from '../files/load-folder.ts';
import type { HistoryRow, MigrationHistory } from '../ports/migration-database.ts';
import { compare, refuseDeviation } from './comparison.ts';

const nameOf = (number: number) => `${String(number).padStart(4, '0')}_change`;
const file = (number: number, checksum = 'same'): Migration => {
  const path = `/migrations/${nameOf(number)}.ts`;
  return { kind: 'module', name: nameOf(number), number, checksum, path, directives: defaultDirectives };
};
const row = (number: number, version = checksumVersion): HistoryRow => {
  const at = '2026-01-01T00:00:00.000Z';
  return { name: nameOf(number), checksum: 'same', phase: 'expand', at, durationMs: 1, by: 'a@b', version };
};
const history = (...applied: readonly HistoryRow[]): MigrationHistory => ({ applied, unfinished: [] });

describe('compare', () => {
  it('finds everything applied to be pending no more, and everything else in order', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 99 }));
    fc.assert(
      fc.property(numbers, (all) => {
        const applied = all.filter((number) => number % 3 === 0);
        const files = all.toSorted((a, b) => a - b).map((number) => file(number));
        const { pending, late, drifted, missing } = compare(files, history(...applied.map((number) => row(number))));
        const expected = files.filter(({ number }) => !applied.includes(number));
        expect(pending).toEqual(expected);
        expect(late).toEqual(expected.filter(({ number }) => applied.some((newer) => newer > number)));
        expect([drifted, missing]).toEqual([[], []]);
      }),
    );
  });

  it('finds nothing late where nothing is applied', () => {
    expect(compare([file(1)], history()).late).toEqual([]);
  });

  it('tells which files changed and which are gone', () => {
    const { drifted, missing } = compare([file(1, 'other'), file(3)], history(row(1), row(2), row(3)));
    expect(drifted).toEqual(['0001_change']);
    expect(missing).toEqual(['0002_change']);
  });

  it('does not compare checksums that were computed by other rules', () => {
    expect(compare([file(1, 'other')], history(row(1, checksumVersion + 1))).drifted).toEqual([]);
  });
});

describe('refuseDeviation', () => {
  it('lets pending and late ones pass', () => {
    expect(() => {
      refuseDeviation('api', compare([file(1), file(2), file(3)], history(row(2))));
    }).not.toThrow();
  });

  it('names what is missing and what drifted', () => {
    const details = { service: 'api', names: [nameOf(1)] };
    expect(() => {
      refuseDeviation('api', compare([], history(row(1))));
    }).toThrow(expect.objectContaining({ code: 'MIGRATIONS_MISSING', details }));
    expect(() => {
      refuseDeviation('api', compare([file(1, 'other')], history(row(1))));
    }).toThrow(expect.objectContaining({ code: 'MIGRATIONS_DRIFTED', details }));
  });
});
