import type {
  AttemptOptions,
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
} from '../../ports/migration-database.ts';
import { postgresqlMigrationDb } from './postgresql-migration-db.ts';
import { beginFenced, refuseLost, type SessionParts } from './session-parts.ts';
import { asOneself, beginTransaction } from './session-settings.ts';

/** A migration and its history row, in one transaction. */
export class PostgresqlTransaction implements MigrationAttempt {
  readonly #parts: SessionParts;
  readonly #options: AttemptOptions;
  /** Goes with the first statement, which saves a way to the server and back; empty when it has gone. */
  #begin: string;
  #ended = false;

  private constructor(parts: SessionParts, options: AttemptOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#begin = beginTransaction(parts.settings, options);
  }

  static async begin(parts: SessionParts, options: AttemptOptions): Promise<PostgresqlTransaction> {
    const transaction = new PostgresqlTransaction(parts, options);
    // What is sent together is read before any of it sets how it is to be read.
    if (parts.lock.fence === undefined && parts.connection.isPlain) {
      refuseLost(parts);
      return transaction;
    }
    try {
      await beginFenced(parts, transaction.#begun(''));
      return transaction;
    } catch (error) {
      await transaction.abandon();
      throw error;
    }
  }

  async execute({ sql }: NumberedStatement): Promise<void> {
    this.#refuseEnded();
    await this.#parts.connection.run(this.#begun(sql), undefined, this.#options.signal);
  }

  call(_: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    return this.use(work);
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    const { connection } = this.#parts;
    if (this.#begin !== '') await connection.ask(this.#begun(''));
    const db = postgresqlMigrationDb(async (sql, values) => {
      this.#refuseEnded();
      return connection.run(sql, values, this.#options.signal);
    });
    await work(db);
  }

  async finish(change: HistoryChange): Promise<void> {
    this.#refuseEnded();
    const { connection, tables } = this.#parts;
    const { service, name, resumes, statementTimeoutMs, signal } = this.#options;
    const sql = [
      // Deferred constraints are checked by the COMMIT, and take the time they need.
      ...(statementTimeoutMs === undefined ? [] : ['SET LOCAL statement_timeout = 0']),
      asOneself,
      resumes ? tables.finishedSteps(service, name, change) : tables.finished(service, change),
      'COMMIT',
    ];
    const results = await connection.run(this.#begun(sql.join('; ')), undefined, signal);
    this.#ended = true;
    // The server answers so, without an error, where an earlier one was passed over.
    if (results.at(-1)?.command !== 'COMMIT') throw new Error('the server rolled the transaction back');
  }

  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { connection } = this.#parts;
    if (this.#begin === '' && !connection.isLost) await connection.ask('ROLLBACK');
  }

  /** With the begin of the transaction, where it has not gone yet. */
  #begun(sql: string): string {
    const begin = this.#begin;
    this.#begin = '';
    return [begin, sql].filter((part) => part !== '').join('; ');
  }

  #refuseEnded(): void {
    if (this.#ended) throw new Error('the transaction of this migration has ended');
  }
}
