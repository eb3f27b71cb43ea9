import type {
  AttemptOptions,
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
  SqlValue,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { concurrentIndex } from '../../sql/outside-transaction.ts';
import { parseScript } from '../../sql/statements.ts';
import { dropInvalid, refuseInvalid } from './concurrent-indexes.ts';
import type { PostgresqlResult } from './postgresql-connection.ts';
import { sqlState, transactionRefused } from './postgresql-errors.ts';
import { postgresqlMigrationDb } from './postgresql-migration-db.ts';
import { beginFenced, inOwnTransaction, type SessionParts } from './session-parts.ts';
import { asOneself, beginTransaction, concurrentLimits, settingsAlone } from './session-settings.ts';

/** A migration statement by statement: each in a transaction with its record, where the server lets it be in one. */
export class PostgresqlSteps implements MigrationAttempt {
  readonly #parts: SessionParts;
  readonly #options: AttemptOptions;
  #ended = false;

  constructor(parts: SessionParts, options: AttemptOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async execute(statement: NumberedStatement): Promise<void> {
    this.#refuseEnded();
    if (!(await this.#withRecord(statement))) await this.#alone(statement);
  }

  async call(statement: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    const state = { isOver: false, isAnyDone: false };
    const db = postgresqlMigrationDb(async (sql, values) => {
      if (state.isOver) throw new Error('this migration has ended');
      const result = await this.#single(sql, values);
      state.isAnyDone = true;
      return result;
    });
    await this.#mark(statement);
    await this.#setAlone(this.#options);
    try {
      await work(db);
    } catch (error) {
      if (!state.isAnyDone) await this.#unmark(statement);
      throw error;
    } finally {
      state.isOver = true;
    }
    await this.#write(this.#after(statement));
  }

  async finish(change: HistoryChange): Promise<void> {
    this.#refuseEnded();
    const { service, name } = this.#options;
    await inOwnTransaction(this.#parts, this.#parts.tables.finishedSteps(service, name, change));
    this.#ended = true;
  }

  abandon(): Promise<void> {
    this.#ended = true;
    return Promise.resolve();
  }

  /** False for a statement that wants no transaction around it, of which nothing was done then. */
  async #withRecord(statement: NumberedStatement): Promise<boolean> {
    const { settings, connection, tables } = this.#parts;
    const { service, signal } = this.#options;
    if (indexOf(statement) !== undefined) return false;
    await beginFenced(this.#parts, beginTransaction(settings, this.#options));
    try {
      await connection.run(statement.sql, undefined, signal);
      const record = tables.settled(service, this.#after(statement));
      const results: readonly PostgresqlResult[] = await connection.run(
        `${asOneself}; ${record}; COMMIT`,
        undefined,
        signal,
      );
      if (results.at(-1)?.command !== 'COMMIT') throw new Error('the server rolled the transaction back');
      return true;
    } catch (error) {
      if (!connection.isLost) await connection.ask('ROLLBACK');
      if (transactionRefused.includes(sqlState(error) ?? '')) return false;
      throw error;
    }
  }

  async #alone(statement: NumberedStatement): Promise<void> {
    const { connection, settings } = this.#parts;
    const looking = { connection, schema: settings.schema };
    this.#refuseLostSchema();
    const index = indexOf(statement);
    if (index !== undefined) await dropInvalid(looking, index);
    await this.#mark(statement);
    await this.#setAlone(concurrentLimits(this.#options));
    try {
      await connection.run(statement.sql, undefined, this.#options.signal);
      if (index !== undefined) await refuseInvalid(looking, index);
    } catch (error) {
      // Whatever failed says more than this can; what stays of the index is dropped by the next attempt.
      if (index !== undefined && !connection.isLost) await dropInvalid(looking, index).catch(() => undefined);
      await this.#unmark(statement);
      throw error;
    }
    await this.#write(this.#after(statement));
  }

  /** A function's statement. Behind a pooler it has a transaction, so that the settings hold for it. */
  async #single(sql: string, values: readonly SqlValue[] | undefined): Promise<readonly PostgresqlResult[]> {
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
      this.#refuseLostSchema();
      return await connection.run(sql, values, signal);
    }
  }

  async #mark(statement: NumberedStatement): Promise<void> {
    const { sql, hash } = statement;
    await this.#write({ ...this.#before(statement), unknown: { sql, hash } });
  }

  /** The server has answered that it was not done; without an answer it stays unknown. */
  async #unmark(statement: NumberedStatement): Promise<void> {
    if (!this.#parts.connection.isLost) await this.#write(this.#before(statement));
  }

  #before({ number, hashBefore }: NumberedStatement): UnfinishedMigration {
    const { name, direction, total } = this.#options;
    return { name, direction, total, done: number - 1, hash: hashBefore, unknown: undefined };
  }

  #after({ number, hash }: NumberedStatement): UnfinishedMigration {
    const { name, direction, total } = this.#options;
    return { name, direction, total, done: number, hash, unknown: undefined };
  }

  #write(unfinished: UnfinishedMigration): Promise<void> {
    return inOwnTransaction(this.#parts, this.#parts.tables.settled(this.#options.service, unfinished));
  }

  async #setAlone(limits: Pick<AttemptOptions, 'lockTimeoutMs' | 'statementTimeoutMs'>): Promise<void> {
    const settings = settingsAlone(this.#parts.settings, limits);
    if (settings !== undefined) await this.#parts.connection.ask(settings);
  }

  /** Of a statement without a transaction nobody could say which schema it worked on. */
  #refuseLostSchema(): void {
    const { isPooled, schema } = this.#parts.settings;
    if (!isPooled || schema === undefined) return;
    throw new Error(
      `behind a pooler a statement without a transaction cannot be sent to the schema ${schema}: ` +
        'connect past the pooler, or open the database without a schema and write it into the statements',
    );
  }

  #refuseEnded(): void {
    if (this.#ended) throw new Error('the attempt on this migration has ended');
  }
}

function indexOf({ sql }: NumberedStatement) {
  return concurrentIndex(parseScript(sql, 'postgresql').statements[0]?.tokens ?? []);
}
