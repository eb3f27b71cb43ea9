import type { Clock } from './clock.ts';

export interface DeadlineOptions {
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Aborts the work from outside. */
  readonly signal?: AbortSignal | undefined;
  /** What the caller sees when time runs out. */
  readonly onExpired: () => Error;
}

// A reason of its own: the usual one is made anew with its stack each time, which takes longer than a short work.
const inTime = new Error('it was done in time');

/**
 * Runs `work` with a signal that aborts after `deadlineMs`, and settles by then even when `work` ignores it.
 * Rejects with `onExpired()` when time ran out, or with the outer signal's reason.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { deadlineMs, clock, signal: outer, onExpired }: DeadlineOptions,
): Promise<T> {
  outer?.throwIfAborted();
  const timer = new AbortController();
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);

  const expiry = clock.sleep(deadlineMs, timer.signal).then(
    () => {
      const error = onExpired();
      stop.abort(error);
      throw error;
    },
    () => new Promise<never>(() => undefined),
  );
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const listener = () => {
      reject(outer?.reason as Error);
    };
    outer?.addEventListener('abort', listener, { once: true });
    stopListening = () => outer?.removeEventListener('abort', listener);
  });

  try {
    return await Promise.race([work(signal), expiry, aborted]);
  } finally {
    timer.abort(inTime);
    stopListening();
  }
}
