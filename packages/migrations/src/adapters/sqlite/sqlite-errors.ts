import { databaseFailed, databaseLocked } from '../../database-errors.ts';

const busy = 5;
const locked = 6;

/** Runs what reaches the database file, with errors as the port promises them. */
export function translated<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) throw busyFile(file, error);
    throw databaseFailed(file, error);
  }
}

/** Runs a statement outside of a transaction, where others may be in its way; what else it throws is its own matter. */
export function translatedStatement<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isBusy(error) ? busyFile(file, error) : error;
  }
}

function busyFile(file: string, cause: unknown) {
  return databaseLocked(file, `wait for what else writes to it, see: fuser ${file}`, cause);
}

/** A promise of what `work` returns or throws. */
export function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

/** The low byte of an SQLite result code is its kind, the others say more. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  const kind = error.errcode & 0xff;
  return kind === busy || kind === locked;
}
