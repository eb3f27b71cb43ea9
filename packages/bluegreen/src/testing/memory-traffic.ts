import { countDurations } from '../plan/durations.ts';
import type { InstanceKey } from '../ports/runtime.ts';
import type { SlotTraffic, TrafficSource, TrafficWindow } from '../ports/traffic.ts';
import { slotName } from '../slots.ts';

/** A request that was answered. */
export interface AnsweredRequest {
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** Traffic that a test makes up. */
export class MemoryTraffic implements TrafficSource {
  readonly #requests = new Map<string, AnsweredRequest[]>();

  /** Adds a request; those of a slot come in the order in which they were answered. */
  add(key: InstanceKey, request: AnsweredRequest): void {
    const name = slotName(key);
    const known = this.#requests.get(name);
    if (known === undefined) this.#requests.set(name, [request]);
    else known.push(request);
  }

  of({ sinceMs, untilMs = Infinity, ...key }: TrafficWindow): Promise<SlotTraffic> {
    const all = this.#requests.get(slotName(key)) ?? [];
    const seen = all.slice(indexOf(all, sinceMs), indexOf(all, untilMs));
    return Promise.resolve({
      requests: seen.length,
      errors: seen.filter(({ failed }) => failed).length,
      durations: countDurations(seen.map(({ durationMs }) => durationMs)),
    });
  }
}

/** Where requests from a time on begin. */
function indexOf(requests: readonly AnsweredRequest[], timeMs: number): number {
  let [low, high] = [0, requests.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((requests[middle]?.atMs ?? Infinity) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
