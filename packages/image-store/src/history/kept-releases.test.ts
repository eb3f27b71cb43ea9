import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { sampleRelease, sampleReleaseId as id } from '../testing/samples.ts';
import { releasesToKeep, releasesToRead } from './kept-releases.ts';
import { isHealthy, rollbackTarget } from './rollback-target.ts';

/** Any records whose references lead to older ones. */
const histories = fc
  .array(
    fc.record({
      outcome: fc.constantFrom('deployed' as const, 'rolled-back' as const, 'refused' as const, 'restored' as const),
      previous: fc.nat({ max: 39 }),
      restores: fc.nat({ max: 39 }),
    }),
    { minLength: 11, maxLength: 40 },
  )
  .map((steps) =>
    steps.map(({ outcome, previous, restores }, index): ReleaseRecord => {
      const older = (pick: number) => (index === 0 ? null : id(pick % index));
      const restored = outcome === 'rolled-back' ? older(restores) : null;
      return sampleRelease(index, { outcome, previousHealthy: older(previous), restores: restored });
    }),
  );

describe('releasesToKeep', () => {
  it('keeps the newest 10, or as many as it is told, and everything these refer to', () => {
    const anyCount = fc.option(fc.integer({ min: 10, max: 30 }), { nil: undefined });
    fc.assert(
      fc.property(histories, anyCount, (records, count) => {
        const kept = releasesToKeep(records, count);
        for (const record of records.slice(-(count ?? 10))) {
          for (const needed of [record.id, record.previousHealthy, record.restores]) {
            if (needed !== null) expect(kept).toContain(needed);
          }
        }
      }),
    );
  });

  it('keeps what came before a release that a rollback returned to', () => {
    const records = Array.from({ length: 20 }, (_, index) =>
      sampleRelease(index, { previousHealthy: index === 0 ? null : id(index - 1) }),
    );
    const rollback = sampleRelease(20, { outcome: 'rolled-back', previousHealthy: id(19), restores: id(3) });
    expect(releasesToKeep([...records, rollback])).toContain(id(2));
  });

  it('lets the live release roll back after forgetting exactly as before it', () => {
    const answer = (records: readonly ReleaseRecord[]) => {
      const current = records.findLast(isHealthy)?.id ?? null;
      try {
        return rollbackTarget({ records, current }).id;
      } catch (error) {
        if (isMaestroError(error)) return error.code;
        throw error;
      }
    };
    fc.assert(
      fc.property(histories, (records) => {
        const kept = releasesToKeep(records);
        // Where the way is broken already, how it is broken may change.
        if (answer(records).startsWith('IMAGE_STORE_')) return;
        expect(answer(records.filter((record) => kept.has(record.id)))).toBe(answer(records));
      }),
    );
  });

  it('does not keep everything for ever', () => {
    const records = Array.from({ length: 100 }, (_, index) =>
      sampleRelease(index, { previousHealthy: index === 0 ? null : id(index - 1) }),
    );
    expect(releasesToKeep(records).size).toBe(11);
  });
});

describe('releasesToRead', () => {
  /** Reads piece by piece; what is damaged reads as nothing. */
  const readWhatStays = (records: readonly ReleaseRecord[], damaged: ReadonlySet<string>) => {
    const ids = records.map((record) => record.id).toReversed();
    const read = new Map<string, ReleaseRecord | undefined>();
    for (let next = releasesToRead(ids, read); next.length > 0; next = releasesToRead(ids, read)) {
      for (const wanted of next) {
        expect(read.has(wanted)).toBe(false);
        read.set(wanted, damaged.has(wanted) ? undefined : records.find((record) => record.id === wanted));
      }
    }
    return [...read.values()].filter((record) => record !== undefined);
  };
  const stays = (records: readonly ReleaseRecord[]) => {
    const kept = releasesToKeep(records);
    return new Set(records.map((record) => record.id).filter((one) => kept.has(one)));
  };

  it('leads to all that must stay, as if everything had been read', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 39 })), (records, broken) => {
        const damaged = new Set(broken.map(id));
        const readable = records.filter((record) => !damaged.has(record.id));
        expect(stays(readWhatStays(records, damaged))).toEqual(stays(readable));
      }),
    );
  });

  it('reads no more of a long history than that', () => {
    const records = Array.from({ length: 1_000 }, (_, index) =>
      sampleRelease(index, { previousHealthy: index === 0 ? null : id(index - 1) }),
    );
    expect(readWhatStays(records, new Set())).toHaveLength(11);
  });
});
