import { type Clock, poll } from '@maestro/core';
import { holdExclusively } from '@maestro/core/exclusive-hold';

import { ImageStoreError } from '../../errors.ts';

const deadlineMs = 30_000;
const intervalMs = 10;

/**
 * Does some work while no other process, and no other caller in this one, holds the file.
 * Throws `IMAGE_STORE_LOCKED` when the holder takes more than 30 seconds.
 */
export async function whileHolding<T>(
  options: { readonly file: string; readonly clock: Clock; readonly signal: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const { file, clock, signal } = options;
  let hold: Disposable | undefined;
  try {
    const waited = await poll({
      probe: () => Promise.resolve((hold ??= holdExclusively(file)) !== undefined),
      accept: (held) => held,
      intervalMs,
      deadlineMs,
      clock,
      signal,
    });
    if (!waited.accepted) throw locked(file);
    return await work();
  } finally {
    hold?.[Symbol.dispose]();
  }
}

function locked(file: string): ImageStoreError {
  const message = `another process writes and has held ${file} for ${deadlineMs / 1000} s`;
  return new ImageStoreError('IMAGE_STORE_LOCKED', message, {
    hint: `fuser -v ${file} shows which one`,
    details: { file },
    retryable: true,
  });
}
