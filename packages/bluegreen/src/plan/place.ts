import type { Instance } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';
import type { Slots, WantedInstance } from './move.ts';

export interface Place {
  readonly slot: Slot;
  /** What of the wanted instance is there: it runs, it was stopped, or nothing and it starts from its image. */
  readonly found: 'warm' | 'stopped' | 'image';
  /** What runs there instead. */
  readonly replaces: Instance | null;
}

/** Chooses among slots for what is wanted: where it runs, else where it was stopped, else where the least is lost. */
export function placeFor(want: WantedInstance, among: readonly [Slot, ...Slot[]], slots: Slots): Place {
  const slot = among.reduce((best, other) => (rank(want, slots[other]) < rank(want, slots[best]) ? other : best));
  const instance = slots[slot];
  const replaces = instance?.state === 'running' ? instance : null;
  if (instance === null || instance.state === 'crashed' || !matches(instance, want)) {
    return { slot, found: 'image', replaces };
  }
  return instance.state === 'running' ? { slot, found: 'warm', replaces: null } : { slot, found: 'stopped', replaces };
}

export function matches(instance: Instance, want: WantedInstance): boolean {
  return instance.digest === want.digest && instance.configHash === want.configHash;
}

/** Whether it runs, or may be started again by itself. */
export function isActive(instance: Instance | null): boolean {
  return instance !== null && instance.state !== 'stopped';
}

function rank(want: WantedInstance, instance: Instance | null): number {
  if (instance === null) return 3;
  const { state } = instance;
  if (state === 'crashed') return 2;
  if (matches(instance, want)) return state === 'running' ? 0 : 1;
  // What was stopped may be what a rollback starts.
  return state === 'stopped' ? 4 : 5;
}
