import type { DatabaseSync } from 'node:sqlite';

import type { HistoryRow, MigrationDb, MigrationTransaction } from '../../ports/migration-database.ts';
import { countViolations } from './foreign-keys.ts';
import { addToHistory, createHistory, readHistory, removeFromHistory } from './history-table.ts';
import { promised, translated } from './sqlite-errors.ts';
import { sqliteMigrationDb } from './sqlite-migration-db.ts';

/** A connection with a write transaction; owns the connection. */
export class SqliteTransaction implements MigrationTransaction {
  readonly db: MigrationDb;
  readonly #file: string;
  readonly #connection: DatabaseSync;
  readonly #violationsBefore: number | undefined;

  private constructor(file: string, connection: DatabaseSync) {
    this.#file = file;
    this.#connection = connection;
    this.#violationsBefore = countViolations(connection);
    this.db = sqliteMigrationDb(() => this.#active());
  }

  /** Takes SQLite's write lock; closes the connection when it cannot have it. */
  static begin(file: string, connection: DatabaseSync): SqliteTransaction {
    try {
      connection.exec('BEGIN IMMEDIATE');
      createHistory(connection);
      return new SqliteTransaction(file, connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  history(service: string): Promise<readonly HistoryRow[]> {
    return promised(() => readHistory(this.#active(), service));
  }

  execute(statement: string): Promise<void> {
    return promised(() => {
      this.#active().exec(statement);
    });
  }

  record(service: string, row: HistoryRow): Promise<void> {
    return promised(() => {
      addToHistory(this.#active(), service, row);
    });
  }

  forget(service: string, name: string): Promise<void> {
    return promised(() => {
      removeFromHistory(this.#active(), service, name);
    });
  }

  commit(): Promise<void> {
    return promised(() => {
      const connection = this.#active();
      this.#refuseNewViolations();
      // Without WAL a reader can be in the way; the transaction outlives a COMMIT that was refused for it.
      translated(this.#file, () => {
        connection.exec('COMMIT');
      });
      connection.close();
    });
  }

  rollback(): Promise<void> {
    return promised(() => {
      // Closing rolls back, and unlike ROLLBACK cannot be refused.
      if (this.#connection.isOpen) this.#connection.close();
    });
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
