import { type Clock, isMaestroError } from '@maestro/core';

import { stillLocked } from './errors.ts';

const pauseMs = 50;

export interface WaitOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called once, before the first pause. */
  readonly onWaiting: () => void;
}

/** Tries again as long as the database is locked; throws `MIGRATIONS_LOCKED` when it still is at the deadline. */
export async function whenUnlocked<T>(attempt: () => Promise<T>, options: WaitOptions): Promise<T> {
  const { service, clock, timeoutMs, signal, onWaiting } = options;
  const start = clock.monotonic();
  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isMaestroError(error, 'MIGRATIONS_LOCKED')) throw error;
      const leftMs = start + timeoutMs - clock.monotonic();
      if (leftMs <= 0) throw stillLocked(service, timeoutMs, error);
      if (attempts === 1) onWaiting();
      // Jitter: runners that started together must not go on meeting each other.
      await clock.sleep(Math.min(leftMs, pauseMs * (0.5 + Math.random())), signal);
    }
  }
}
