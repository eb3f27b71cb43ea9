import type { Clock } from '@maestro/core';

export interface ActivityOptions {
  /** Longest time without a sign of life. */
  readonly silenceMs: number;
  readonly clock: Clock;
  /** Aborts the work from outside. */
  readonly signal?: AbortSignal | undefined;
  /** What the caller sees after so much silence. */
  readonly onSilence: () => Error;
}

/**
 * Runs work of unknown length that gives signs of life, and settles when they fail to come or the outer signal aborts,
 * even when the work ignores its signal.
 */
export async function whileActive<T>(
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
  { silenceMs, clock, signal: outer, onSilence }: ActivityOptions,
): Promise<T> {
  outer?.throwIfAborted();
  const stop = new AbortController();
  const done = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  let heardAtMs = clock.monotonic();
  const watch = async () => {
    for (;;) {
      const leftMs = heardAtMs + silenceMs - clock.monotonic();
      if (leftMs <= 0) break;
      await clock.sleep(leftMs, done.signal);
    }
    stop.abort(onSilence());
  };
  const watching = watch().catch(() => undefined);
  const aborted = new Promise<never>((_, reject) => {
    const listener = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', listener, { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([work(signal, () => (heardAtMs = clock.monotonic())), aborted]);
  } finally {
    done.abort();
    await watching;
  }
}
