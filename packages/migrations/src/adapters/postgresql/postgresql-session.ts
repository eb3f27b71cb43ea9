import type {
  AttemptOptions,
  HistoryRow,
  MigrationAttempt,
  MigrationDb,
  MigrationHistory,
  MigrationSession,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { PostgresqlAlone } from './postgresql-alone.ts';
import { PostgresqlSteps } from './postgresql-steps.ts';
import { PostgresqlTransaction } from './postgresql-transaction.ts';
import { resolved } from './resolved.ts';
import { inOwnTransaction, type SessionParts } from './session-parts.ts';
import { asOneself } from './session-settings.ts';

/** The lock, and the connection that migrations run on. */
export class PostgresqlSession implements MigrationSession {
  readonly #parts: SessionParts;
  #attempt: MigrationAttempt | undefined;
  #released: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  async history(service: string): Promise<MigrationHistory> {
    this.#refuseReleased();
    const { connection, tables, settings } = this.#parts;
    const { schema } = settings;
    // Statements that are kept one by one may have taken on another role.
    if (!settings.isPooled) await connection.ask(asOneself);
    const history = await tables.read(connection, service);
    const unfinished: UnfinishedMigration[] = [];
    for (const one of history.unfinished) unfinished.push(await resolved({ connection, schema }, one));
    return { ...history, unfinished };
  }

  async begin(options: AttemptOptions): Promise<MigrationAttempt> {
    this.#refuseReleased();
    const { transaction } = options;
    this.#attempt = transaction
      ? await PostgresqlTransaction.begin(this.#parts, options)
      : new PostgresqlSteps(this.#parts, options);
    return this.#attempt;
  }

  async settle(service: string, unfinished: UnfinishedMigration): Promise<void> {
    this.#refuseReleased();
    const { tables } = this.#parts;
    await inOwnTransaction(this.#parts, tables.settled(service, unfinished));
  }

  async record(service: string, rows: readonly HistoryRow[]): Promise<void> {
    this.#refuseReleased();
    const { tables } = this.#parts;
    await inOwnTransaction(this.#parts, rows.map((row) => tables.recorded(service, row)).join('; '));
  }

  async use(work: (db: MigrationDb) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    this.#refuseReleased();
    await new PostgresqlAlone(this.#parts, { signal, lockTimeoutMs: undefined, statementTimeoutMs: undefined }).use(
      work,
    );
  }

  release(): Promise<void> {
    this.#released ??= this.#end();
    return this.#released;
  }

  async #end(): Promise<void> {
    const { connection, lock, onReleased } = this.#parts;
    onReleased();
    try {
      await this.#attempt?.abandon();
      await lock.release();
    } finally {
      // Whatever migrations have set on it goes with it, and so does the lock if it is still there.
      await connection.end();
    }
  }

  #refuseReleased(): void {
    if (this.#released !== undefined) throw new Error('the session has ended');
  }
}
