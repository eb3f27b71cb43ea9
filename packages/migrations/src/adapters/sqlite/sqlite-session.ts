import type { DatabaseSync } from 'node:sqlite';

import type {
  AttemptOptions,
  HistoryRow,
  MigrationAttempt,
  MigrationDb,
  MigrationHistory,
  MigrationSession,
} from '../../ports/migration-database.ts';
import { addToHistory, createHistory, readHistory } from './history-table.ts';
import { SqliteAttempt } from './sqlite-attempt.ts';
import { promised, translated, translatedStatement } from './sqlite-errors.ts';
import { sqliteMigrationDb } from './sqlite-migration-db.ts';

export interface SqliteSessionOptions {
  readonly file: string;
  readonly hold: Disposable;
  readonly connect: () => DatabaseSync;
}

/** Every attempt has a connection of its own, so that nobody sees what it has not committed. */
export class SqliteSession implements MigrationSession {
  readonly #options: SqliteSessionOptions;
  #attempt: SqliteAttempt | undefined;
  #released = false;

  constructor(options: SqliteSessionOptions) {
    this.#options = options;
  }

  history(service: string): Promise<MigrationHistory> {
    const { file, connect } = this.#options;
    return promised(() => {
      if (this.#released) throw new Error('the session has ended');
      return translated(file, () => historyOf(connect(), service));
    });
  }

  begin({ service }: AttemptOptions): Promise<MigrationAttempt> {
    const { file, connect } = this.#options;
    return promised(() => {
      if (this.#released) throw new Error('the session has ended');
      this.#attempt = translated(file, () => SqliteAttempt.begin(file, service, connect()));
      return this.#attempt;
    });
  }

  settle(): Promise<void> {
    return Promise.reject(new Error('SQLite keeps all of a migration or nothing: none is unfinished'));
  }

  record(service: string, rows: readonly HistoryRow[]): Promise<void> {
    const { file, connect } = this.#options;
    return promised(() => {
      if (this.#released) throw new Error('the session has ended');
      translated(file, () => {
        addAll(connect(), service, rows);
      });
    });
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    if (this.#released) throw new Error('the session has ended');
    const { file, connect } = this.#options;
    const connection = translated(file, connect);
    try {
      await work(sqliteMigrationDb((use) => translatedStatement(file, () => use(connection))));
    } finally {
      connection.close();
    }
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#attempt?.abandon();
    this.#options.hold[Symbol.dispose]();
  }
}

/** Closes the connection, which undoes what was not committed. */
function addAll(connection: DatabaseSync, service: string, rows: readonly HistoryRow[]): void {
  try {
    connection.exec('BEGIN IMMEDIATE');
    createHistory(connection);
    for (const row of rows) addToHistory(connection, service, row);
    connection.exec('COMMIT');
  } finally {
    connection.close();
  }
}

/** Closes the connection. */
export function historyOf(connection: DatabaseSync, service: string): MigrationHistory {
  try {
    return { applied: readHistory(connection, service), unfinished: [] };
  } finally {
    connection.close();
  }
}
