import type { AttemptOptions, MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import type { PostgresqlResult } from './postgresql-connection.ts';
import { sqlState, transactionRefused } from './postgresql-errors.ts';
import { postgresqlMigrationDb } from './postgresql-migration-db.ts';
import { beginFenced, refuseLost, type SessionParts } from './session-parts.ts';
import { beginTransaction, settingsAlone } from './session-settings.ts';

type AloneOptions = Pick<AttemptOptions, 'lockTimeoutMs' | 'signal' | 'statementTimeoutMs'>;

/** Statements that the server keeps one by one. */
export class PostgresqlAlone {
  readonly #parts: SessionParts;
  readonly #options: AloneOptions;

  constructor(parts: SessionParts, options: AloneOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Settings for the statements that follow. */
  async set(limits: Omit<AloneOptions, 'signal'> = this.#options): Promise<void> {
    refuseLost(this.#parts);
    const settings = settingsAlone(this.#parts.settings, limits);
    if (settings !== undefined) await this.#parts.connection.ask(settings);
  }

  /** Has a function work on the database until it ends. */
  async use(work: (db: MigrationDb) => Promise<void>, onDone?: () => void): Promise<void> {
    const state = { isOver: false };
    const db = postgresqlMigrationDb(async (sql, values) => {
      if (state.isOver) throw new Error('the function that was given the database has ended');
      const result = await this.#run(sql, values);
      onDone?.();
      return result;
    });
    await this.set();
    try {
      await work(db);
    } finally {
      state.isOver = true;
    }
  }

  /** Of a statement without a transaction nobody could say which schema it worked on. */
  refuseLostSchema(): void {
    const { isPooled, schema } = this.#parts.settings;
    if (!isPooled || schema === undefined) return;
    throw new Error(
      `behind a pooler a statement without a transaction cannot be sent to the schema ${schema}: ` +
        'connect past the pooler, or open the database without a schema and write it into the statements',
    );
  }

  /** Behind a pooler it has a transaction, so that the settings hold for it. */
  async #run(sql: string, values: readonly SqlValue[] | undefined): Promise<readonly PostgresqlResult[]> {
    const { connection, settings } = this.#parts;
    const { signal } = this.#options;
    if (!settings.isPooled) return connection.run(sql, values, signal);
    await beginFenced(this.#parts, beginTransaction(settings, this.#options));
    try {
      const results = await connection.run(sql, values, signal);
      await connection.run('COMMIT', undefined, signal);
      return results;
    } catch (error) {
      if (!connection.isLost) await connection.ask('ROLLBACK');
      if (!transactionRefused.includes(sqlState(error) ?? '')) throw error;
      this.refuseLostSchema();
      return await connection.run(sql, values, signal);
    }
  }
}
