import type { InstanceKey } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';
import type { Generation } from './generation.ts';
import type { Move } from './move.ts';

/** The slots of the generation that makes the moves true; services without a move stay where they are. */
export function slotsAfter(generation: Generation | null, moves: readonly Move[]): Readonly<Record<string, Slot>> {
  const slots = new Map(Object.entries(generation?.slots ?? {}));
  for (const move of moves) {
    if (move.kind === 'remove' || !move.traffic) slots.delete(move.service);
    else slots.set(move.service, move.slot);
  }
  return Object.fromEntries(slots);
}

/**
 * The slots of a generation to switch to before anything is started: without the services that cannot run twice, so that
 * what ends first receives no traffic. Null where nothing has to end first; otherwise nobody answers for those services
 * until the switch.
 */
export function slotsMeanwhile(
  generation: Generation | null,
  moves: readonly Move[],
): Readonly<Record<string, Slot>> | null {
  const interrupted = new Set(endingFirst(moves).map(({ service }) => service));
  const slots = Object.entries(generation?.slots ?? {});
  const staying = slots.filter(([service]) => !interrupted.has(service));
  return staying.length === slots.length ? null : Object.fromEntries(staying);
}

/** The instances to drain and stop before their successors start. */
export function endingFirst(moves: readonly Move[]): readonly InstanceKey[] {
  return ending(moves, 'before');
}

/** The instances that lose their traffic or their work by the moves, to be drained and stopped after the switch. */
export function leaving(moves: readonly Move[]): readonly InstanceKey[] {
  return ending(moves, 'after');
}

function ending(moves: readonly Move[], when: 'before' | 'after'): readonly InstanceKey[] {
  return moves.flatMap(({ service, ends }) => (ends?.when === when ? [{ service, slot: ends.slot }] : []));
}
