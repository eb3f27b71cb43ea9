import { type Clock, isMaestroError } from '@maestro/core';

import { stillLocked } from './database-errors.ts';

const firstPauseMs = 50;
const longestPauseMs = 500;

export interface WaitOptions {
  readonly service: string;
  readonly clock: Clock;
  /** From the first time on that it was locked. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called once, before the first pause, with what was not free. */
  readonly onWaiting: (reason: string) => void;
}

/** Tries again as long as the database is locked; throws `MIGRATIONS_LOCKED` when it still is at the deadline. */
export async function whenUnlocked<T>(attempt: () => Promise<T>, options: WaitOptions): Promise<T> {
  const { service, clock, timeoutMs, signal, onWaiting } = options;
  let deadline: number | undefined;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      // A wait that was given up within the attempt is not begun again.
      if (!isMaestroError(error, 'MIGRATIONS_LOCKED') || error.details?.waitedMs !== undefined) throw error;
      if (deadline === undefined) onWaiting(error.message);
      deadline ??= clock.monotonic() + timeoutMs;
      const leftMs = deadline - clock.monotonic();
      if (leftMs <= 0) throw stillLocked(service, timeoutMs, error);
      // Jitter: runners that started together must not go on meeting each other.
      await clock.sleep(Math.min(leftMs, pauseMs * (0.5 + Math.random())), signal);
    }
  }
}
