import { otherSlot, type Slot } from '../slots.ts';

/** Where traffic goes. */
export interface Routing {
  /** The live slot of each service. */
  readonly slots: Readonly<Record<string, Slot>>;
  /**
   * Services whose other slot is tried out as a canary, with the percentage of the requests that it gets: a whole number
   * from 0 to 99, with 0 only those that its rule names. Absent where there is none.
   */
  readonly canaryPercents?: Readonly<Record<string, number>> | undefined;
}

/** Which slot of each service receives traffic, from one switch to the next. */
export interface Generation extends Routing {
  /** Counts the switches of an environment; never used twice. */
  readonly number: number;
  /** The release that made it. */
  readonly release: string;
  /** ISO 8601, when it was prepared. */
  readonly at: string;
}

/** The slot of a service that receives traffic; undefined for one that is not deployed. */
export function liveSlot(generation: Routing | null, service: string): Slot | undefined {
  return generation !== null && Object.hasOwn(generation.slots, service) ? generation.slots[service] : undefined;
}

/** How many of a hundred requests for a service go to its other slot; undefined where that one is no canary. */
export function canaryPercent(generation: Routing | null, service: string): number | undefined {
  const percents = generation?.canaryPercents;
  return percents !== undefined && Object.hasOwn(percents, service) ? percents[service] : undefined;
}

/** Whether a slot receives traffic, as the live one or as a canary. */
export function receivesTraffic(
  generation: Routing | null,
  { service, slot }: { readonly service: string; readonly slot: Slot },
): boolean {
  const live = liveSlot(generation, service);
  if (live === undefined) return false;
  return slot === live || (slot === otherSlot(live) && canaryPercent(generation, service) !== undefined);
}

/** The marks that stand for a routing, as names of empty files: `api.green`, `web.canary-10`. */
export function marksOf({ slots, canaryPercents = {} }: Routing): readonly string[] {
  return [
    ...Object.entries(slots).map(([service, slot]) => `${service}.${slot}`),
    ...Object.entries(canaryPercents).map(([service, percent]) => `${service}.canary-${percent}`),
  ].sort();
}

/** Reads marks back; a name that is no mark, and marks that contradict one another, are returned as problems. */
export function routingOf(marks: readonly string[]): {
  readonly routing: Routing;
  readonly problems: readonly string[];
} {
  const slots = new Map<string, Slot>();
  const canaries = new Map<string, number>();
  const problems: string[] = [];
  for (const mark of marks) {
    const [, service, slot, percent] = /^([a-z][a-z0-9-]*)\.(?:(blue|green)|canary-(\d|[1-9]\d))$/.exec(mark) ?? [];
    if (service === undefined) problems.push(`${mark} is not a mark`);
    else if ((slot === undefined ? canaries : slots).has(service)) problems.push(`${service} is marked twice`);
    else if (slot === undefined) canaries.set(service, Number(percent));
    else slots.set(service, slot === 'green' ? 'green' : 'blue');
  }
  for (const service of canaries.keys()) {
    if (!slots.has(service)) problems.push(`${service} has a canary, but no live slot`);
  }
  const canaryPercents = canaries.size === 0 ? {} : { canaryPercents: Object.fromEntries(canaries) };
  return { routing: { slots: Object.fromEntries(slots), ...canaryPercents }, problems };
}
