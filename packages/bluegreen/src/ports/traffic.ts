import type { InstanceKey } from './runtime.ts';

/** Whose traffic is asked about, and of which time, in milliseconds since 1970 by the clock of the router's machine. */
export interface TrafficWindow extends InstanceKey {
  /** Requests that were answered at this time or later. */
  readonly sinceMs: number;
  /** And before this one; until now by default. */
  readonly untilMs?: number | undefined;
}

/** How many requests took at most `upToMs`, and longer than the bound before. */
export interface DurationCount {
  readonly upToMs: number;
  readonly requests: number;
}

/** What outsiders and other services got from one slot; previews of it are not counted. */
export interface SlotTraffic {
  /** Requests that were answered, or given up. */
  readonly requests: number;
  /** Those of them that ended with a status from 500 on, whether the service or the router gave it. */
  readonly errors: number;
  /**
   * Times until the whole answer had come from the service, by rising bounds, the same ones for every window; the last one
   * is Infinity. Long-lived requests do not count. `countDurations` makes it from single times.
   */
  readonly durations: readonly DurationCount[];
}

/** What a router saw of the traffic of a slot, live or as a canary. It is at most two seconds behind. */
export interface TrafficSource {
  /** Throws `BLUEGREEN_TRAFFIC_UNREADABLE`. */
  of(window: TrafficWindow, options?: { readonly signal?: AbortSignal | undefined }): Promise<SlotTraffic>;
}
