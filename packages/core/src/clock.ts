/** Time as the packages see it; tests inject a manual one. */
export interface Clock {
  /** Wall clock, milliseconds since 1970; for records, never for measuring. */
  now(): number;
  /** Milliseconds from an arbitrary start that never jump; for measuring. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The wall clock of `clock` as ISO 8601 in UTC, with milliseconds. */
export function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
