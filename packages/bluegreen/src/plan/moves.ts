import type { Instance } from '../ports/runtime.ts';
import { otherSlot, type Slot } from '../slots.ts';
import { type Generation, liveSlot } from './generation.ts';
import type { Ending, Move, Slots, Strategy, WantedInstance } from './move.ts';
import { isActive, matches, placeFor } from './place.ts';

export interface MovesInput {
  readonly wanted: readonly WantedInstance[];
  readonly instances: readonly Instance[];
  readonly generation: Generation | null;
  /** Services to take away. */
  readonly unwanted: readonly string[];
}

const both: readonly [Slot, Slot] = ['blue', 'green'];

/**
 * Computes what each service needs, in the order wanted. A rollback is planned the same way: what is still warm is reused,
 * what was stopped is started again, and anything else starts from its image. The live slot is never started into, and
 * nothing in it ends before a switch has taken its traffic away (`slotsMeanwhile`).
 */
export function planMoves({ wanted, instances, generation, unwanted }: MovesInput): readonly Move[] {
  const slotsOf = (service: string): Slots => {
    const at = (slot: Slot) => instances.find((one) => one.service === service && one.slot === slot) ?? null;
    return { blue: at('blue'), green: at('green') };
  };
  return [
    ...wanted.map((want) => {
      const live = liveSlot(generation, want.service);
      const { strategy = { kind: 'blue-green' } } = want;
      // A worker that still has traffic, because it was none before, gives it up as the others do.
      return strategy.kind === 'worker' && live === undefined
        ? planWorker(want, strategy.successor, slotsOf(want.service))
        : planRouted(want, strategy, live, slotsOf(want.service));
    }),
    ...unwanted.flatMap((service) => planRemoval(service, liveSlot(generation, service), slotsOf(service))),
  ];
}

function planRouted(want: WantedInstance, strategy: Strategy, live: Slot | undefined, slots: Slots): Move {
  const { service } = want;
  const traffic = strategy.kind !== 'worker';
  const instance = live === undefined ? null : slots[live];
  if (traffic && live !== undefined && instance?.state === 'running' && matches(instance, want)) {
    const idle = otherSlot(live);
    // Nobody plans while a release keeps it warm: it was left by one that was cut off, or started by hand.
    const ends: Ending | null = slots[idle]?.state === 'running' ? { slot: idle, when: 'after' } : null;
    return { kind: 'keep', service, slot: live, reason: 'unchanged', traffic, ends };
  }
  const { slot, found, replaces } = placeFor(want, live === undefined ? both : [otherSlot(live)], slots);
  const reason = live === undefined ? 'not deployed yet' : liveReason(want, live, instance);
  const other = otherSlot(slot);
  const leaves = live !== undefined || isActive(slots[other]);
  const move = { service, slot, reason, traffic };
  if (found === 'warm') return { ...move, kind: 'reuse', ends: leaves ? { slot: other, when: 'after' } : null };
  const first = strategy.kind === 'recreate' && isActive(slots[other]);
  const ends: Ending | null = leaves ? { slot: other, when: first ? 'before' : 'after' } : null;
  return { ...move, kind: 'start', ends, replaces, from: found };
}

/** Workers are in no generation: what counts is what runs. */
function planWorker(want: WantedInstance, successor: 'beside' | 'after', slots: Slots): Move {
  const { slot, found, replaces } = placeFor(want, both, slots);
  const other = otherSlot(slot);
  const move = { service: want.service, slot, traffic: false };
  const ends = (when: Ending['when']) => (isActive(slots[other]) ? { slot: other, when } : null);
  if (found === 'warm') return { ...move, kind: 'keep', reason: 'unchanged', ends: ends('after') };
  const present = both.map((one) => slots[one]).filter((one) => one !== null);
  const before = present.find(({ state }) => state === 'running') ?? present[0];
  const reason = before === undefined ? 'not deployed yet' : reasonFor(want, before, 'its instance');
  return {
    ...move,
    kind: 'start',
    reason,
    ends: ends(successor === 'beside' ? 'after' : 'before'),
    replaces,
    from: found,
  };
}

function planRemoval(service: string, live: Slot | undefined, slots: Slots): readonly Move[] {
  const slot = live ?? both.find((one) => slots[one]?.state === 'running');
  if (slot === undefined) return [];
  const ends: Ending = { slot, when: 'after' };
  return [{ kind: 'remove', service, slot, reason: 'no longer in the registry', traffic: live !== undefined, ends }];
}

function liveReason(want: WantedInstance, slot: Slot, instance: Instance | null): string {
  return instance === null ? `nothing runs in the live slot ${slot}` : reasonFor(want, instance, 'the live instance');
}

/** Why what is there is not what is wanted. */
function reasonFor(want: WantedInstance, instance: Instance, name: string): string {
  if (instance.state !== 'running') return `${name} ${instance.state === 'crashed' ? 'crashed' : 'was stopped'}`;
  if (instance.digest !== want.digest) return 'image changed';
  return instance.configHash === want.configHash ? 'it gets no more traffic' : 'configuration changed';
}
