import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { Instance } from '../ports/runtime.ts';
import { type Slot, slotName } from '../slots.ts';
import { sampleInstance } from '../testing/sample-instance.ts';
import { type Generation, liveSlot } from './generation.ts';
import type { Strategy } from './move.ts';
import { endingFirst, leaving, slotsAfter, slotsMeanwhile } from './moved-slots.ts';
import { planMoves } from './moves.ts';

// Whatever was observed, and whatever is wanted.
const names = ['api', 'web', 'db'];
const slot = fc.constantFrom<Slot>('blue', 'green');
const anyInstance = fc.record({
  service: fc.constantFrom(...names),
  slot,
  digest: fc.constantFrom('sha256:one', 'sha256:two'),
  state: fc.constantFrom<Instance['state']>('running', 'stopped', 'crashed'),
});
const strategy = fc.constantFrom<Strategy>(
  { kind: 'blue-green' },
  { kind: 'worker', successor: 'beside' },
  { kind: 'worker', successor: 'after' },
  { kind: 'recreate' },
);
const world = fc.record({
  found: fc.uniqueArray(anyInstance, { selector: slotName }),
  live: fc.dictionary(fc.constantFrom(...names), slot),
  wanted: fc.subarray(names),
  strategies: fc.tuple(strategy, strategy, strategy),
});

function planned({ found, live, wanted, strategies }: typeof world extends fc.Arbitrary<infer World> ? World : never) {
  const current: Generation = { number: 1, release: 'r1', at: '2026-01-01T00:00:00.000Z', slots: live };
  const strategyOf = (service: string) => strategies[names.indexOf(service)] ?? { kind: 'blue-green' };
  const moves = planMoves({
    wanted: wanted.map((service) => ({
      service,
      digest: 'sha256:two',
      configHash: 'c1',
      strategy: strategyOf(service),
    })),
    instances: found.map((one) => sampleInstance(one)),
    generation: current,
    unwanted: ['db'].filter((name) => !wanted.includes(name)),
  });
  return { current, moves, strategyOf };
}

it('never starts into, reuses or replaces the live slot', () => {
  fc.assert(
    fc.property(world, (seen) => {
      const { current, moves } = planned(seen);
      for (const move of moves) {
        const was = liveSlot(current, move.service);
        if (move.kind === 'start' || move.kind === 'reuse') expect(move.slot).not.toBe(was);
        if (move.kind === 'keep' && was !== undefined) expect(move.slot).toBe(was);
        if (move.kind === 'start' && move.replaces !== null) expect(move.replaces.slot).toBe(move.slot);
        if (move.kind !== 'remove') expect(move.ends?.slot).not.toBe(move.slot);
      }
    }),
  );
});

it('never ends an instance that receives traffic at that moment', () => {
  fc.assert(
    fc.property(world, (seen) => {
      const { current, moves, strategyOf } = planned(seen);
      const meanwhile = slotsMeanwhile(current, moves) ?? current.slots;
      for (const { service, slot: ended } of endingFirst(moves)) {
        expect(meanwhile[service]).not.toBe(ended);
        expect(strategyOf(service).kind).not.toBe('blue-green');
      }
      const after = slotsAfter(current, moves);
      for (const { service, slot: ended } of leaving(moves)) expect(after[service]).not.toBe(ended);
    }),
  );
});

it('interrupts the traffic only of what cannot run twice, and gives it back', () => {
  fc.assert(
    fc.property(world, (seen) => {
      const { current, moves, strategyOf } = planned(seen);
      const after = slotsAfter(current, moves);
      const meanwhile = slotsMeanwhile(current, moves) ?? current.slots;
      for (const service of Object.keys(current.slots)) {
        if (meanwhile[service] === undefined) expect(strategyOf(service).kind).toBe('recreate');
      }
      for (const service of seen.wanted)
        expect(after[service] === undefined).toBe(strategyOf(service).kind === 'worker');
    }),
  );
});

it('lets no two instances run of what must run once', () => {
  fc.assert(
    fc.property(world, (seen) => {
      const { moves, strategyOf } = planned(seen);
      for (const move of moves) {
        const { kind, ...rest } = strategyOf(move.service);
        const once = kind === 'recreate' || ('successor' in rest && rest.successor === 'after');
        if (move.kind !== 'start' || !once || (seen.live[move.service] !== undefined && kind === 'worker')) continue;
        const others = seen.found.filter(
          ({ service, slot: where, state }) => service === move.service && where !== move.slot && state === 'running',
        );
        expect(endingFirst([move]).map(slotName)).toEqual(expect.arrayContaining(others.map(slotName)));
      }
    }),
  );
});
