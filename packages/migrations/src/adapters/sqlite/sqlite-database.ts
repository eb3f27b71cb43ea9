import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { holdExclusively } from '@maestro/core/exclusive-hold';

import { databaseFailed, databaseLocked } from '../../database-errors.ts';
import type { DatabaseReader, MigrationDatabase, MigrationHistory } from '../../ports/migration-database.ts';
import { readOnly } from './read-only.ts';
import { translated } from './sqlite-errors.ts';
import { historyOf, SqliteSession } from './sqlite-session.ts';

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

class SqliteDatabase implements MigrationDatabase {
  readonly location: string;
  readonly dialect = 'sqlite';
  #newest: SqliteSession | undefined;

  constructor(file: string) {
    this.location = file;
  }

  async history(service: string, signal?: AbortSignal): Promise<MigrationHistory> {
    signal?.throwIfAborted();
    // Opening would create it.
    if (!(await this.#exists())) return { applied: [], unfinished: [] };
    return translated(this.location, () => historyOf(this.#connect(), service));
  }

  async read<T>(work: (reader: DatabaseReader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    // Opening would create it.
    const isThere = await this.#exists();
    const connection = translated(this.location, () => (isThere ? this.#connect() : new DatabaseSync(':memory:')));
    return readOnly(this.location, connection, work);
  }

  /**
   * Runners exclude one another by a file beside the database, for the whole of a run: SQLite's own lock would keep the
   * service's writers out as long.
   */
  async lock(signal?: AbortSignal): Promise<SqliteSession> {
    signal?.throwIfAborted();
    await this.#create();
    const lockFile = `${this.location}.migrations-lock`;
    const hold = translated(this.location, () => holdExclusively(lockFile));
    if (hold === undefined) {
      throw databaseLocked(this.location, `wait for the run that goes on, see: fuser ${lockFile}`);
    }
    this.#newest = new SqliteSession({ file: this.location, hold, connect: () => this.#connect() });
    return this.#newest;
  }

  async close(): Promise<void> {
    // An older one has ended: there is one at a time.
    await this.#newest?.release();
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
