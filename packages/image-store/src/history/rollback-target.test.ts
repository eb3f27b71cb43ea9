import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { sampleRelease, sampleReleaseId as id } from '../testing/samples.ts';
import { isHealthy, isUsable, newestUsable, rollbackTarget } from './rollback-target.ts';

const deployed = (index: number, previous: number | null, changes: Partial<ReleaseRecord> = {}) =>
  sampleRelease(index, { previousHealthy: previous === null ? null : id(previous), ...changes });
const rolledBack = (index: number, previous: number, restores: number) =>
  deployed(index, previous, { kind: 'rollback', outcome: 'rolled-back', restores: id(restores) });

/** The code and details of what a call throws. */
function failure(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (isMaestroError(error)) return error;
    throw error;
  }
  throw new Error('expected it to throw');
}

describe('rollbackTarget', () => {
  it('is the release that was healthy before, not the one recorded before', () => {
    const records = [deployed(1, null), deployed(2, 1, { outcome: 'refused' }), deployed(3, 1)];
    expect(rollbackTarget({ records, current: id(3) }).id).toBe(id(1));
  });

  it('counts a rollback as the release it restored: rolling back again goes further back', () => {
    const records = [deployed(1, null), deployed(2, 1), deployed(3, 2), rolledBack(4, 3, 2)];
    expect(rollbackTarget({ records, current: id(4) }).id).toBe(id(1));
  });

  it('is what a rollback restored where a rollback was the one before', () => {
    const records = [deployed(1, null), deployed(2, 1), rolledBack(3, 2, 1), deployed(4, 3)];
    expect(rollbackTarget({ records, current: id(4) }).id).toBe(id(1));
  });

  it('is the release asked for, or the one that this restored', () => {
    const records = [deployed(1, null), deployed(2, 1), rolledBack(3, 2, 1), deployed(4, 3)];
    expect(rollbackTarget({ records, current: id(4), to: id(2) }).id).toBe(id(2));
    expect(rollbackTarget({ records, current: id(4), to: id(3) }).id).toBe(id(1));
    expect(rollbackTarget({ records, current: null, to: id(1) }).id).toBe(id(1));
  });

  it('does not exist before anything was deployed, nor for the first release', () => {
    const none = failure(() => rollbackTarget({ records: [], current: null }));
    const first = failure(() => rollbackTarget({ records: [deployed(1, null)], current: id(1) }));
    expect([none.code, first.code]).toEqual(['IMAGE_STORE_NO_ROLLBACK_TARGET', 'IMAGE_STORE_NO_ROLLBACK_TARGET']);
  });

  it('tells which releases are known when asked for another', () => {
    const error = failure(() => rollbackTarget({ records: [deployed(1, null)], current: id(1), to: id(9) }));
    expect(error.code).toBe('IMAGE_STORE_UNKNOWN_RELEASE');
    expect(error.details).toEqual({ release: id(9), known: [id(1)] });
  });

  it.each(['refused', 'restored', 'aborted'] as const)('is never a release that was %s', (outcome) => {
    const records = [deployed(1, null, { outcome, reason: 'it answered 500' }), deployed(2, 1)];
    const asked = failure(() => rollbackTarget({ records, current: id(2), to: id(1) }));
    const unasked = failure(() => rollbackTarget({ records, current: id(2) }));
    expect([asked.code, unasked.code]).toEqual(['IMAGE_STORE_RELEASE_NOT_HEALTHY', 'IMAGE_STORE_RELEASE_NOT_HEALTHY']);
    expect(asked.message).toContain('it answered 500');
  });

  it('ends even where damaged records return to one another', () => {
    const records = [rolledBack(1, 2, 2), rolledBack(2, 1, 1)];
    expect(failure(() => rollbackTarget({ records, current: id(1) })).code).toBe('IMAGE_STORE_NO_ROLLBACK_TARGET');
  });
});

describe('rollbackTarget of images alone', () => {
  const pushed = (index: number, previous: number | null) =>
    deployed(index, previous, { kind: 'push', outcome: 'pushed' });
  const target = (records: readonly ReleaseRecord[], to?: string) =>
    rollbackTarget({ records, current: newestUsable(records)?.id ?? null, to, counts: isUsable }).id;

  it('is the release pushed before the newest one', () => {
    expect(target([pushed(1, null), pushed(2, 1)])).toBe(id(1));
    expect(target([pushed(2, 1), pushed(1, null), deployed(3, 2, { outcome: 'refused' })])).toBe(id(1));
  });

  it('goes further back after a rollback of images', () => {
    const back = deployed(4, 3, { kind: 'rollback', outcome: 'pushed', restores: id(2) });
    expect(target([pushed(1, null), pushed(2, 1), pushed(3, 2), back])).toBe(id(1));
  });

  it('may be a release that was deployed, but traffic never returns to one that was only pushed', () => {
    const records = [deployed(1, null), pushed(2, 1)];
    expect(target(records)).toBe(id(1));
    expect(failure(() => rollbackTarget({ records, current: id(1), to: id(2) })).code).toBe(
      'IMAGE_STORE_RELEASE_NOT_HEALTHY',
    );
  });
});

describe('rollbackTarget in any history', () => {
  // As a deployer writes them: a release follows whatever is live, and a rollback restores what rollbackTarget names.
  const step = fc.constantFrom('deploy', 'refuse', 'restore', 'rollback');
  const history = fc.array(step, { maxLength: 40 }).map((steps) => {
    const records: ReleaseRecord[] = [];
    let live: string | null = null;
    for (const [index, kind] of steps.entries()) {
      const next: ReleaseRecord | undefined = nextRecord(index, kind, records, live);
      if (next === undefined) continue;
      records.push(next);
      if (isHealthy(next)) live = next.id;
    }
    return { records, live };
  });

  function nextRecord(index: number, kind: string, records: readonly ReleaseRecord[], live: string | null) {
    const common = { previousHealthy: live };
    if (kind === 'deploy') return sampleRelease(index, common);
    if (kind !== 'rollback') {
      return sampleRelease(index, { ...common, outcome: kind === 'refuse' ? 'refused' : 'restored' });
    }
    try {
      const restores = rollbackTarget({ records, current: live }).id;
      return sampleRelease(index, { ...common, kind: 'rollback', outcome: 'rolled-back', restores });
    } catch (error) {
      if (isMaestroError(error, 'IMAGE_STORE_NO_ROLLBACK_TARGET')) return undefined;
      throw error;
    }
  }

  it('is a deployment that went well, older than what is live', () => {
    fc.assert(
      fc.property(history, ({ records, live }) => {
        const error = targetOrError(records, live);
        if (isMaestroError(error)) return error.code === 'IMAGE_STORE_NO_ROLLBACK_TARGET';
        return error.outcome === 'deployed' && records.includes(error) && error.id < (live ?? '');
      }),
    );
  });

  it('gets older with every further rollback, until there is none', () => {
    fc.assert(
      fc.property(history, ({ records, live }) => {
        const seen: string[] = [];
        let current = live;
        for (let index = 100; index < 200; index += 1) {
          const target = targetOrError(records, current);
          if (isMaestroError(target)) return seen.every((seenId, i) => i === 0 || seenId < (seen[i - 1] ?? ''));
          seen.push(target.id);
          const changes = { previousHealthy: current, restores: target.id, outcome: 'rolled-back' as const };
          records = [...records, sampleRelease(index, { ...changes, kind: 'rollback' })];
          current = id(index);
        }
        return false;
      }),
    );
  });

  function targetOrError(records: readonly ReleaseRecord[], current: string | null) {
    try {
      return rollbackTarget({ records, current });
    } catch (error) {
      if (isMaestroError(error)) return error;
      throw error;
    }
  }
});
