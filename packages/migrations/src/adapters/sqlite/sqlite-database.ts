import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { databaseFailed } from '../../errors.ts';
import type { HistoryRow, MigrationDatabase } from '../../ports/migration-database.ts';
import { readHistory } from './history-table.ts';
import { translated } from './sqlite-errors.ts';
import { SqliteTransaction } from './sqlite-transaction.ts';

export interface SqliteDatabaseOptions {
  /** The database file. The first migration creates it, readable by its owner only, and the folders above it. */
  readonly file: string;
}

/**
 * A database in one SQLite file. It keeps the file's journal mode: other processes have it open, and which mode suits
 * them is theirs to say.
 */
export function sqliteDatabase({ file }: SqliteDatabaseOptions): MigrationDatabase {
  return new SqliteDatabase(resolve(file));
}

// SQLite waits for locks by blocking the whole process, so it may do so only briefly; longer waits are the caller's.
const busyTimeoutMs = 20;

/** Every transaction has a connection of its own, so that nobody sees what it has not committed. */
class SqliteDatabase implements MigrationDatabase {
  readonly location: string;
  #newest: SqliteTransaction | undefined;

  constructor(file: string) {
    this.location = file;
  }

  async history(service: string, signal?: AbortSignal): Promise<readonly HistoryRow[]> {
    signal?.throwIfAborted();
    // Opening would create it.
    if (!(await this.#exists())) return [];
    return translated(this.location, () => {
      const connection = this.#connect();
      try {
        return readHistory(connection, service);
      } finally {
        connection.close();
      }
    });
  }

  async begin(signal?: AbortSignal): Promise<SqliteTransaction> {
    signal?.throwIfAborted();
    await this.#create();
    this.#newest = translated(this.location, () => SqliteTransaction.begin(this.location, this.#connect()));
    return this.#newest;
  }

  async close(): Promise<void> {
    // An older one has ended: the write lock is one at a time.
    await this.#newest?.rollback();
  }

  /**
   * Without enforced foreign keys: SQLite changes many things about a table only by rebuilding it, and dropping the old
   * one would delete the rows that refer to it. The transaction looks for violations instead.
   */
  #connect(): DatabaseSync {
    return new DatabaseSync(this.location, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false });
  }

  async #exists(): Promise<boolean> {
    try {
      await stat(this.location);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw databaseFailed(this.location, error);
    }
  }

  async #create(): Promise<void> {
    try {
      await mkdir(dirname(this.location), { recursive: true });
      const file = await open(this.location, 'a', 0o600);
      await file.close();
    } catch (error) {
      throw databaseFailed(this.location, error);
    }
  }
}
