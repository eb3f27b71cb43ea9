import type { Clock } from '@maestro/core';

export interface TimeLimitOptions {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the work's signal aborts with when time is up. */
  readonly onExpired: () => Error;
}

/**
 * Runs `work` with a signal that aborts after `limitMs`, and waits for it to settle even then: a release that is told
 * to stop first cleans up, within deadlines of its own.
 */
export async function withTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { limitMs, clock, signal, onExpired }: TimeLimitOptions,
): Promise<T> {
  const limit = new AbortController();
  const settled = new AbortController();
  const expire = () => {
    limit.abort(onExpired());
  };
  clock.sleep(limitMs, settled.signal).then(expire, () => undefined);
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } finally {
    settled.abort();
  }
}
