import { describe, expect, it } from 'vitest';

import type { Instance } from '../ports/runtime.ts';
import { type Slot, slotName } from '../slots.ts';
import type { Generation } from './generation.ts';
import type { Strategy } from './move.ts';
import { endingFirst, leaving, slotsAfter, slotsMeanwhile } from './moved-slots.ts';
import { sampleInstance as instance } from '../testing/sample-instance.ts';
import { planMoves } from './moves.ts';

function generation(slots: Readonly<Record<string, Slot>>): Generation {
  return { number: 1, release: 'r1', at: '2026-01-01T00:00:00.000Z', slots };
}

const wantOne = { service: 'api', digest: 'sha256:one', configHash: 'c1' };
const wantTwo = { service: 'api', digest: 'sha256:two', configHash: 'c1' };

const plan = (
  instances: readonly Instance[],
  live: Readonly<Record<string, Slot>>,
  want: Parameters<typeof planMoves>[0]['wanted'][number] = wantTwo,
) => planMoves({ wanted: [want], instances, generation: generation(live), unwanted: [] });

describe('a service with traffic', () => {
  it('starts in blue when it is new', () => {
    const start = { kind: 'start', service: 'api', slot: 'blue', reason: 'not deployed yet' };
    expect(planMoves({ wanted: [wantOne], instances: [], generation: null, unwanted: [] })).toEqual([
      { ...start, traffic: true, ends: null, replaces: null, from: 'image' },
    ]);
  });

  it('keeps an instance that is what is wanted', () => {
    expect(plan([instance({})], { api: 'blue' }, wantOne)).toEqual([
      { kind: 'keep', service: 'api', slot: 'blue', reason: 'unchanged', traffic: true, ends: null },
    ]);
  });

  it.each([
    ['image changed', instance({}), wantTwo],
    ['configuration changed', instance({ configHash: 'c0' }), wantOne],
    ['the live instance crashed', instance({ state: 'crashed' }), wantOne],
    ['the live instance was stopped', instance({ state: 'stopped' }), wantOne],
    [
      'nothing runs in the live slot blue',
      instance({ slot: 'green', digest: 'sha256:zero', state: 'stopped' }),
      wantOne,
    ],
  ])('starts in the idle slot, because: %s', (reason, found, want) => {
    const start = { kind: 'start', slot: 'green', ends: { slot: 'blue', when: 'after' }, from: 'image' };
    expect(plan([found], { api: 'blue' }, want)).toMatchObject([{ ...start, reason }]);
  });

  it('reuses what is still warm', () => {
    const warm = instance({ slot: 'green', digest: 'sha256:two' });
    expect(plan([instance({}), warm], { api: 'blue' })).toMatchObject([
      { kind: 'reuse', slot: 'green', ends: { slot: 'blue', when: 'after' } },
    ]);
  });

  it('starts what was stopped in the idle slot, and not what crashed there', () => {
    const idle = { slot: 'green', digest: 'sha256:two' } as const;
    const stopped = instance({ ...idle, state: 'stopped' });
    expect(plan([instance({}), stopped], { api: 'blue' })).toMatchObject([{ kind: 'start', from: 'stopped' }]);
    const crashed = instance({ ...idle, state: 'crashed' });
    expect(plan([instance({}), crashed], { api: 'blue' })).toMatchObject([{ kind: 'start', from: 'image' }]);
  });

  it('replaces what else runs in the idle slot', () => {
    const warm = instance({ slot: 'green', digest: 'sha256:zero' });
    expect(plan([instance({}), warm], { api: 'blue' })).toMatchObject([
      { kind: 'start', slot: 'green', replaces: warm },
    ]);
  });

  it('ends what runs without being in the generation', () => {
    const left = instance({ slot: 'green', digest: 'sha256:zero' });
    expect(plan([left], {})).toMatchObject([{ kind: 'start', slot: 'blue', ends: { slot: 'green', when: 'after' } }]);
  });

  it('loses its traffic and its instance when it is no longer wanted', () => {
    const moves = planMoves({
      wanted: [],
      instances: [instance({}), instance({ service: 'mailer' })],
      generation: generation({ api: 'blue' }),
      unwanted: ['api', 'mailer', 'gone'],
    });
    expect(moves.map(({ kind, service, traffic }) => [kind, service, traffic])).toEqual([
      ['remove', 'api', true],
      ['remove', 'mailer', false],
    ]);
    expect(leaving(moves).map(slotName)).toEqual(['api.blue', 'mailer.blue']);
    expect(slotsAfter(generation({ api: 'blue' }), moves)).toEqual({});
  });
});

describe('a worker', () => {
  const beside: Strategy = { kind: 'worker', successor: 'beside' };
  const after: Strategy = { kind: 'worker', successor: 'after' };

  it('starts beside the old one, which ends after it; neither gets traffic', () => {
    const moves = plan([instance({})], {}, { ...wantTwo, strategy: beside });
    expect(moves).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'image changed', ends: { slot: 'blue', when: 'after' } },
    ]);
    expect(slotsAfter(null, moves)).toEqual({});
    expect(slotsMeanwhile(null, moves)).toBeNull();
  });

  it('starts after the old one has ended, where it must not run twice', () => {
    const moves = plan([instance({})], {}, { ...wantTwo, strategy: after });
    expect(endingFirst(moves)).toEqual([{ service: 'api', slot: 'blue' }]);
    expect(leaving(moves)).toEqual([]);
    expect(slotsMeanwhile(generation({ web: 'blue' }), moves)).toBeNull();
  });

  it('stays when it is what is wanted, in whichever slot, and an older one beside it ends', () => {
    const old = instance({ digest: 'sha256:zero' });
    expect(plan([old, instance({ slot: 'green' })], {}, { ...wantOne, strategy: beside })).toMatchObject([
      { kind: 'keep', slot: 'green', ends: { slot: 'blue', when: 'after' } },
    ]);
  });

  it('starts again where it crashed', () => {
    const crashed = instance({ slot: 'green', state: 'crashed' });
    expect(plan([crashed], {}, { ...wantOne, strategy: beside })).toMatchObject([
      { kind: 'start', slot: 'green', reason: 'its instance crashed', ends: null },
    ]);
  });

  it('gives up the traffic it had before it became one', () => {
    const moves = plan([instance({})], { api: 'blue' }, { ...wantOne, strategy: beside });
    expect(moves).toMatchObject([{ kind: 'start', slot: 'green', reason: 'it gets no more traffic' }]);
    expect(slotsAfter(generation({ api: 'blue' }), moves)).toEqual({});
    expect(leaving(moves)).toEqual([{ service: 'api', slot: 'blue' }]);
  });
});

describe('a service that cannot run twice', () => {
  const strategy: Strategy = { kind: 'recreate' };

  it('is taken out of the traffic and ends before its successor starts, the others stay', () => {
    const current = generation({ api: 'blue', web: 'green' });
    const moves = plan([instance({})], current.slots, { ...wantTwo, strategy });
    expect(endingFirst(moves)).toEqual([{ service: 'api', slot: 'blue' }]);
    expect(slotsMeanwhile(current, moves)).toEqual({ web: 'green' });
    expect(slotsAfter(current, moves)).toEqual({ api: 'green', web: 'green' });
  });

  it('goes on where it was cut off: the old one ended, the new one may run already', () => {
    const ended = instance({ state: 'stopped' });
    expect(plan([ended], { web: 'green' }, { ...wantTwo, strategy })).toMatchObject([
      { kind: 'start', slot: 'green', ends: null },
    ]);
    const started = instance({ slot: 'green', digest: 'sha256:two' });
    expect(plan([ended, started], { web: 'green' }, { ...wantTwo, strategy })).toMatchObject([
      { kind: 'reuse', slot: 'green', ends: null },
    ]);
  });

  it('interrupts nothing where nothing runs any more', () => {
    const current = generation({ api: 'blue' });
    const moves = plan([instance({ state: 'stopped' })], current.slots, { ...wantTwo, strategy });
    expect(slotsMeanwhile(current, moves)).toBeNull();
    expect(moves).toMatchObject([{ kind: 'start', slot: 'green' }]);
  });
});
