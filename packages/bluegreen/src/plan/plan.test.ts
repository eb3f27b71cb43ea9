import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Instance } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';
import { type Generation, liveSlot, marksOf, slotsOf } from './generation.ts';
import { leaving, planMoves, slotsAfter } from './moves.ts';

const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const slot = fc.constantFrom<Slot>('blue', 'green');

function instance(overrides: Partial<Instance>): Instance {
  return {
    service: 'api',
    slot: 'blue',
    release: 'r1',
    image: 'shop-api:demo-abc1234',
    digest: 'sha256:one',
    configHash: 'c1',
    state: 'running',
    address: { host: '127.0.0.1', port: 21000 },
    startedAt: '2026-01-01T00:00:00.000Z',
    exit: null,
    ...overrides,
  };
}

function generation(slots: Record<string, Slot>): Generation {
  return { number: 1, release: 'r1', at: '2026-01-01T00:00:00.000Z', slots };
}

const wantOne = { service: 'api', digest: 'sha256:one', configHash: 'c1' };
const wantTwo = { service: 'api', digest: 'sha256:two', configHash: 'c1' };

describe('generation marks', () => {
  it('round-trip', () => {
    fc.assert(
      fc.property(fc.dictionary(service, slot), (slots) => {
        expect(slotsOf(marksOf(slots))).toEqual({ slots: { ...slots }, problems: [] });
      }),
    );
  });

  it('report what is no mark and what is marked twice', () => {
    expect(slotsOf(['api.blue', 'api.green', 'nonsense', 'web.red']).problems).toEqual([
      'api is marked twice',
      'nonsense is not a mark',
      'web.red is not a mark',
    ]);
  });
});

describe('planMoves', () => {
  const plan = (instances: Instance[], live: Record<string, Slot>, want = wantTwo) =>
    planMoves({ wanted: [want], instances, generation: generation(live), unwanted: [] });

  it('starts a new service in blue', () => {
    expect(planMoves({ wanted: [wantOne], instances: [], generation: null, unwanted: [] })).toEqual([
      { kind: 'start', service: 'api', slot: 'blue', reason: 'not deployed yet', replaces: null },
    ]);
  });

  it('keeps an instance that is what is wanted', () => {
    expect(plan([instance({})], { api: 'blue' }, wantOne)).toEqual([
      { kind: 'keep', service: 'api', slot: 'blue', reason: 'unchanged' },
    ]);
  });

  it('starts a changed image in the idle slot and says why', () => {
    expect(plan([instance({})], { api: 'blue' })).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'image changed' },
    ]);
    expect(plan([instance({ configHash: 'c0' })], { api: 'blue' }, wantOne)).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'configuration changed' },
    ]);
    expect(plan([instance({ state: 'crashed' })], { api: 'blue' }, wantOne)).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'the live instance crashed' },
    ]);
    expect(plan([], { api: 'blue' }, wantOne)).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'nothing runs in the live slot blue' },
    ]);
  });

  it('reuses a warm idle slot that runs what is wanted', () => {
    const warm = instance({ slot: 'green', digest: 'sha256:two' });
    expect(plan([instance({}), warm], { api: 'blue' })).toMatchObject([{ kind: 'reuse', slot: 'green' }]);
  });

  it('replaces a warm idle slot that runs something else', () => {
    const warm = instance({ slot: 'green', digest: 'sha256:zero' });
    expect(plan([instance({}), warm], { api: 'blue' })).toMatchObject([
      { kind: 'start', slot: 'green', replaces: warm },
    ]);
  });

  it('never starts into, reuses or replaces the live slot, whatever was observed', () => {
    const anyInstance = fc.record({
      service: fc.constantFrom('api', 'web', 'db'),
      slot,
      digest: fc.constantFrom('sha256:one', 'sha256:two'),
      state: fc.constantFrom<Instance['state']>('running', 'stopped', 'crashed'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anyInstance, { selector: (one) => `${one.service}.${one.slot}` }),
        fc.dictionary(fc.constantFrom('api', 'web', 'db'), slot),
        fc.subarray(['api', 'web', 'db']),
        (found, live, wanted) => {
          const current = generation(live);
          const moves = planMoves({
            wanted: wanted.map((name) => ({ service: name, digest: 'sha256:two', configHash: 'c1' })),
            instances: found.map((one) => instance(one)),
            generation: current,
            unwanted: ['db'].filter((name) => !wanted.includes(name)),
          });
          const after = slotsAfter(current, moves);
          for (const move of moves) {
            const was = liveSlot(current, move.service);
            if (move.kind === 'start' || move.kind === 'reuse') expect(move.slot).not.toBe(was);
            if (move.kind === 'start' && move.replaces !== null) expect(move.replaces.slot).not.toBe(was);
            if (move.kind === 'keep') expect(move.slot).toBe(was);
          }
          for (const gone of leaving(current, moves)) expect(after[gone.service]).not.toBe(gone.slot);
          for (const name of wanted) expect(after[name]).toBeDefined();
        },
      ),
    );
  });
});
