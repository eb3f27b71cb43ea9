import { type Clock, isMaestroError, type Logger, messageOf } from '@maestro/core';

const attempts = 4;
const firstPauseMs = 250;
/** A registry that asks to be left alone for longer is no matter of waiting. */
const longestPauseMs = 30_000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats what failed with a retryable error, after growing pauses or the one that the registry asks for
 * (`details.retryAfterMs`). Only for work that may be done twice.
 */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const again = openRetries(options);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await again(error);
    }
  }
}

/** Told of each failure, it waits until the work may be tried again, or throws the error where it may not. */
export function openRetries({ clock, logger, signal }: RetryOptions): (error: unknown) => Promise<void> {
  let attempt = 0;
  return async (error) => {
    attempt += 1;
    const pauseMs = Math.max(firstPauseMs * 2 ** (attempt - 1), retryAfterMs(error));
    const again = isMaestroError(error) && error.retryable && attempt < attempts && pauseMs <= longestPauseMs;
    if (!again) throw error;
    logger.debug('asking the registry again', { after: messageOf(error), pauseMs, attempt });
    await clock.sleep(pauseMs, signal);
  };
}

function retryAfterMs(error: unknown): number {
  const wanted = isMaestroError(error) ? error.details?.retryAfterMs : undefined;
  return typeof wanted === 'number' ? wanted : 0;
}
