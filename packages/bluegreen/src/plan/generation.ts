import type { Slot } from '../slots.ts';

/** Which slot of each service receives traffic, from one switch to the next. */
export interface Generation {
  /** Counts the switches of an environment; never used twice. */
  readonly number: number;
  /** The release that made it. */
  readonly release: string;
  /** ISO 8601, when it was prepared. */
  readonly at: string;
  readonly slots: Readonly<Record<string, Slot>>;
}

/** The slot of a service that receives traffic; undefined for one that is not deployed. */
export function liveSlot(generation: Generation | null, service: string): Slot | undefined {
  return generation !== null && Object.hasOwn(generation.slots, service) ? generation.slots[service] : undefined;
}

/** The marks that stand for the slots, as names of empty files: `api.green`. */
export function marksOf(slots: Readonly<Record<string, Slot>>): readonly string[] {
  return Object.entries(slots)
    .map(([service, slot]) => `${service}.${slot}`)
    .sort();
}

/** Reads marks back; a name that is no mark, or a second mark for a service, is returned as a problem. */
export function slotsOf(marks: readonly string[]): {
  readonly slots: Readonly<Record<string, Slot>>;
  readonly problems: readonly string[];
} {
  const found = new Map<string, Slot>();
  const problems: string[] = [];
  for (const mark of marks) {
    const [, service, slot] = /^([a-z][a-z0-9-]*)\.(blue|green)$/.exec(mark) ?? [];
    if (service === undefined || slot === undefined) problems.push(`${mark} is not a mark`);
    else if (found.has(service)) problems.push(`${service} is marked twice`);
    else found.set(service, slot === 'green' ? 'green' : 'blue');
  }
  return { slots: Object.fromEntries(found), problems };
}
