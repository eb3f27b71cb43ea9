import type { DatabaseSync } from 'node:sqlite';

import type {
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
} from '../../ports/migration-database.ts';
import { countViolations } from './foreign-keys.ts';
import { addToHistory, createHistory, removeFromHistory } from './history-table.ts';
import { promised, translated } from './sqlite-errors.ts';
import { sqliteMigrationDb } from './sqlite-migration-db.ts';

/** A connection with a write transaction; owns the connection. */
export class SqliteAttempt implements MigrationAttempt {
  readonly #file: string;
  readonly #service: string;
  readonly #connection: DatabaseSync;
  readonly #violationsBefore: number | undefined;
  #isRecorded = false;

  private constructor(file: string, service: string, connection: DatabaseSync) {
    this.#file = file;
    this.#service = service;
    this.#connection = connection;
    this.#violationsBefore = countViolations(connection);
  }

  /** Takes SQLite's write lock; closes the connection when it cannot have it. */
  static begin(file: string, service: string, connection: DatabaseSync): SqliteAttempt {
    try {
      connection.exec('BEGIN IMMEDIATE');
      createHistory(connection);
      return new SqliteAttempt(file, service, connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  execute({ sql }: NumberedStatement): Promise<void> {
    return promised(() => {
      this.#active().exec(sql);
    });
  }

  call(_: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    return this.use(work);
  }

  use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    return work(sqliteMigrationDb((use) => use(this.#active())));
  }

  finish(change: HistoryChange): Promise<void> {
    return promised(() => {
      const connection = this.#active();
      this.#refuseNewViolations();
      if (!this.#isRecorded) this.#record(change);
      // Without WAL a reader can be in the way; the transaction outlives a COMMIT that was refused for it.
      translated(this.#file, () => {
        connection.exec('COMMIT');
      });
      connection.close();
    });
  }

  abandon(): Promise<void> {
    return promised(() => {
      // Closing rolls back, and unlike ROLLBACK cannot be refused.
      if (this.#connection.isOpen) this.#connection.close();
    });
  }

  #record(change: HistoryChange): void {
    if ('record' in change) addToHistory(this.#active(), this.#service, change.record);
    else removeFromHistory(this.#active(), this.#service, change.forget);
    this.#isRecorded = true;
  }

  /** The connection, as long as its transaction goes on: without one each statement would be kept at once. */
  #active(): DatabaseSync {
    if (!this.#connection.isOpen) throw new Error('the transaction of this migration has ended');
    if (!this.#connection.isTransaction) throw new Error('SQLite rolled the transaction back after an earlier error');
    return this.#connection;
  }

  #refuseNewViolations(): void {
    if (this.#violationsBefore === undefined) return;
    const violations = countViolations(this.#connection);
    if (violations === undefined) throw new Error('it makes a foreign key refer to columns that are not unique');
    const added = violations - this.#violationsBefore;
    if (added > 0) throw new Error(`it leaves ${added} foreign keys without the row they refer to`);
  }
}
