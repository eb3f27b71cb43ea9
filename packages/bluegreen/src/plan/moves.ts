import type { Instance, InstanceLabels } from '../ports/runtime.ts';
import { otherSlot, type Slot } from '../slots.ts';
import { type Generation, liveSlot } from './generation.ts';

/** What a service should become. */
export interface WantedInstance extends Pick<InstanceLabels, 'digest' | 'configHash'> {
  readonly service: string;
}

/**
 * What a release does to one service. `keep`: its live instance is what is wanted. `start`: a new instance in the
 * idle slot, in place of `replaces` where that one still runs. `reuse`: the idle slot already runs what is wanted.
 * `remove`: it is no longer wanted.
 */
export type Move =
  | { readonly kind: 'keep'; readonly service: string; readonly slot: Slot; readonly reason: string }
  | {
      readonly kind: 'start';
      readonly service: string;
      readonly slot: Slot;
      readonly reason: string;
      readonly replaces: Instance | null;
    }
  | { readonly kind: 'reuse'; readonly service: string; readonly slot: Slot; readonly reason: string }
  | { readonly kind: 'remove'; readonly service: string; readonly slot: Slot; readonly reason: string };

export interface MovesInput {
  readonly wanted: readonly WantedInstance[];
  readonly instances: readonly Instance[];
  readonly generation: Generation | null;
  /** Services to take out of the traffic. */
  readonly unwanted: readonly string[];
}

/** Computes what each service needs, in the order wanted; the live slot is never started into. */
export function planMoves({ wanted, instances, generation, unwanted }: MovesInput): readonly Move[] {
  const at = (service: string, slot: Slot) =>
    instances.find((instance) => instance.service === service && instance.slot === slot) ?? null;

  const moves = wanted.map((want): Move => {
    const { service } = want;
    const live = liveSlot(generation, service);
    const liveInstance = live === undefined ? null : at(service, live);
    if (live !== undefined && liveInstance?.state === 'running' && matches(liveInstance, want)) {
      return { kind: 'keep', service, slot: live, reason: 'unchanged' };
    }
    const slot = live === undefined ? 'blue' : otherSlot(live);
    const reason = reasonFor(want, live, liveInstance);
    const idle = at(service, slot);
    if (idle?.state === 'running') {
      if (matches(idle, want)) return { kind: 'reuse', service, slot, reason };
      return { kind: 'start', service, slot, reason, replaces: idle };
    }
    return { kind: 'start', service, slot, reason, replaces: null };
  });

  const removals = unwanted.flatMap((service): Move[] => {
    const slot = liveSlot(generation, service);
    return slot === undefined ? [] : [{ kind: 'remove', service, slot, reason: 'no longer in the registry' }];
  });
  return [...moves, ...removals];
}

/** The slots of the generation that makes the moves true; services without a move stay where they are. */
export function slotsAfter(generation: Generation | null, moves: readonly Move[]): Readonly<Record<string, Slot>> {
  const slots = new Map(Object.entries(generation?.slots ?? {}));
  for (const move of moves) {
    if (move.kind === 'remove') slots.delete(move.service);
    else slots.set(move.service, move.slot);
  }
  return Object.fromEntries(slots);
}

/** The instances that lose their traffic by the moves, to be drained and stopped after the switch. */
export function leaving(
  generation: Generation | null,
  moves: readonly Move[],
): readonly { service: string; slot: Slot }[] {
  return moves.flatMap((move) => {
    const slot = liveSlot(generation, move.service);
    return slot === undefined || move.kind === 'keep' ? [] : [{ service: move.service, slot }];
  });
}

function matches(instance: Instance, want: WantedInstance): boolean {
  return instance.digest === want.digest && instance.configHash === want.configHash;
}

function reasonFor(want: WantedInstance, live: Slot | undefined, instance: Instance | null): string {
  if (live === undefined) return 'not deployed yet';
  if (instance === null) return `nothing runs in the live slot ${live}`;
  if (instance.state !== 'running')
    return `the live instance ${instance.state === 'crashed' ? 'crashed' : 'was stopped'}`;
  if (instance.digest !== want.digest) return 'image changed';
  return 'configuration changed';
}
