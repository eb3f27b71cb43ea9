import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a file for this process alone; undefined where another process does.
 * SQLite's exclusive transaction is a lock of the kernel's: it ends with its holder, however that one dies.
 */
export function holdExclusively(file: string): Disposable | undefined {
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
