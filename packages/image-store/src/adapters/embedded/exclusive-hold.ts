import { DatabaseSync } from 'node:sqlite';

import { type Clock, poll } from '@maestro/core';

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
      probe: () => Promise.resolve((hold ??= tryToHold(file)) !== undefined),
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

/** SQLite's exclusive transaction is a lock of the kernel's: it ends with its holder, however that one dies. */
function tryToHold(file: string): Disposable | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY, https://www.sqlite.org/rescode.html
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

function locked(file: string): ImageStoreError {
  const message = `another process writes and has held ${file} for ${deadlineMs / 1000} s`;
  return new ImageStoreError('IMAGE_STORE_LOCKED', message, {
    hint: `fuser -v ${file} shows which one`,
    details: { file },
    retryable: true,
  });
}
