import { countDurations } from '../../plan/durations.ts';
import type { SlotTraffic, TrafficWindow } from '../../ports/traffic.ts';
import { slotName } from '../../slots.ts';
import type { LoggedRequest } from './logged-request.ts';

/** The requests of a second, three small numbers each: its millisecond, its status, how long it took or `unmeasured`. */
type Second = number[];

const secondMs = 1_000;
const unmeasured = -1;

/** Requests in memory, by slot and second: a window is counted without looking at any other one. */
export class TrafficRecord {
  readonly #slots = new Map<string, Map<number, Second>>();

  add({ atMs, status, durationMs, ...key }: LoggedRequest): void {
    const name = slotName(key);
    const seconds = this.#slots.get(name) ?? new Map<number, Second>();
    this.#slots.set(name, seconds);
    const number = Math.floor(atMs / secondMs);
    const second = seconds.get(number) ?? [];
    seconds.set(number, second);
    second.push(atMs - number * secondMs, status, durationMs ?? unmeasured);
  }

  of({ service, slot, sinceMs, untilMs = Infinity }: TrafficWindow): SlotTraffic {
    const durations: number[] = [];
    let [requests, errors] = [0, 0];
    for (const [number, second] of this.#slots.get(slotName({ service, slot })) ?? []) {
      const startMs = number * secondMs;
      if (startMs + secondMs <= sinceMs || startMs >= untilMs) continue;
      for (let index = 0; index < second.length; index += 3) {
        const [atMs, status = 0, durationMs = unmeasured] = second.slice(index, index + 3);
        const time = startMs + (atMs ?? 0);
        if (time < sinceMs || time >= untilMs) continue;
        requests += 1;
        if (status >= 500) errors += 1;
        if (durationMs !== unmeasured) durations.push(durationMs);
      }
    }
    return { requests, errors, durations: countDurations(durations) };
  }

  forgetBefore(timeMs: number): void {
    for (const seconds of this.#slots.values()) {
      for (const number of seconds.keys()) {
        if ((number + 1) * secondMs <= timeMs) seconds.delete(number);
      }
    }
  }
}
