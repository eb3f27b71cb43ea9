import type { Clock } from './clock.ts';

export interface PollOptions<T> {
  /** Asked until its answer is accepted; its signal aborts at the deadline. What it throws ends the polling. */
  readonly probe: (signal: AbortSignal) => Promise<T>;
  readonly accept: (value: T) => boolean;
  /** Pause between the end of one probe and the start of the next. */
  readonly intervalMs: number;
  /** Time for all probes together. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** How a polling ended; `value` is the last answer, undefined when not even the first probe answered in time. */
export type PollOutcome<T> =
  | { readonly accepted: true; readonly value: T; readonly attempts: number; readonly elapsedMs: number }
  | { readonly accepted: false; readonly value: T | undefined; readonly attempts: number; readonly elapsedMs: number };

/** Probes until an answer is accepted or the deadline passes; never waits longer, even for a probe that hangs. */
export async function poll<T>(options: PollOptions<T>): Promise<PollOutcome<T>> {
  const { probe, accept, intervalMs, deadlineMs, clock, signal: outer } = options;
  outer?.throwIfAborted();
  const start = clock.monotonic();
  const end = new AbortController();
  const timer = new AbortController();
  const signal = outer === undefined ? end.signal : AbortSignal.any([outer, end.signal]);
  const expired = clock.sleep(deadlineMs, timer.signal).then(
    () => {
      end.abort(new DOMException('the polling deadline passed', 'TimeoutError'));
    },
    () => undefined,
  );
  const elapsedMs = () => clock.monotonic() - start;

  let attempts = 0;
  let value: T | undefined;
  try {
    for (;;) {
      attempts += 1;
      const answer = await raceAbort(probe(signal), signal);
      value = answer;
      if (accept(answer)) return { accepted: true, value: answer, attempts, elapsedMs: elapsedMs() };
      await clock.sleep(intervalMs, signal);
    }
  } catch (error) {
    outer?.throwIfAborted();
    if (end.signal.aborted) return { accepted: false, value, attempts, elapsedMs: elapsedMs() };
    throw error;
  } finally {
    timer.abort();
    await expired;
  }
}

async function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const listener = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', listener, { once: true });
    stopListening = () => {
      signal.removeEventListener('abort', listener);
    };
    if (signal.aborted) listener();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}
