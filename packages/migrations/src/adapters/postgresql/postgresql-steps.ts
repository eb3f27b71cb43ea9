import type {
  AttemptOptions,
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { concurrentIndex } from '../../sql/outside-transaction.ts';
import { parseScript } from '../../sql/statements.ts';
import { dropInvalid, refuseInvalid } from './concurrent-indexes.ts';
import { PostgresqlAlone } from './postgresql-alone.ts';
import type { PostgresqlResult } from './postgresql-connection.ts';
import { sqlState, transactionRefused } from './postgresql-errors.ts';
import { beginFenced, inOwnTransaction, type SessionParts } from './session-parts.ts';
import { asOneself, beginTransaction, concurrentLimits } from './session-settings.ts';

/** A migration statement by statement: each in a transaction with its record, where the server lets it be in one. */
export class PostgresqlSteps implements MigrationAttempt {
  readonly #parts: SessionParts;
  readonly #options: AttemptOptions;
  readonly #alone: PostgresqlAlone;
  #ended = false;

  constructor(parts: SessionParts, options: AttemptOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#alone = new PostgresqlAlone(parts, options);
  }

  async execute(statement: NumberedStatement): Promise<void> {
    this.#refuseEnded();
    if (!(await this.#withRecord(statement))) await this.#withoutRecord(statement);
  }

  async call(statement: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    const state = { isAnyDone: false };
    await this.#mark(statement);
    try {
      await this.#alone.use(work, () => (state.isAnyDone = true));
    } catch (error) {
      if (!state.isAnyDone) await this.#unmark(statement);
      throw error;
    }
    await this.#write(this.#after(statement));
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    await this.#alone.use(work);
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

  async #withoutRecord(statement: NumberedStatement): Promise<void> {
    const { connection, settings } = this.#parts;
    const looking = { connection, schema: settings.schema };
    this.#alone.refuseLostSchema();
    const index = indexOf(statement);
    if (index !== undefined) await dropInvalid(looking, index);
    await this.#mark(statement);
    await this.#alone.set(concurrentLimits(this.#options));
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

  #refuseEnded(): void {
    if (this.#ended) throw new Error('the attempt on this migration has ended');
  }
}

function indexOf({ sql }: NumberedStatement) {
  return concurrentIndex(parseScript(sql, 'postgresql').statements[0]?.tokens ?? []);
}
