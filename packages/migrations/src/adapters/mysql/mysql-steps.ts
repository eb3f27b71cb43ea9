import { connectionLost, lockLost } from '../../database-errors.ts';
import type {
  AttemptOptions,
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { staysInTransaction } from './data-statements.ts';
import { mysqlMigrationDb, useAlone } from './mysql-migration-db.ts';
import type { SessionParts } from './session-parts.ts';
import { sessionSettings } from './session-settings.ts';

/**
 * A migration statement by statement. The server commits at each change of the schema: such a statement is marked as
 * unknown while it runs. A change of rows is kept in one transaction with the fact that it was done.
 */
export class MysqlSteps implements MigrationAttempt {
  readonly #parts: SessionParts;
  readonly #options: AttemptOptions;
  #ended = false;

  private constructor(parts: SessionParts, options: AttemptOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  static async begin(parts: SessionParts, options: AttemptOptions): Promise<MysqlSteps> {
    for (const setting of sessionSettings(parts.connection.sqlMode, options)) await parts.connection.ask(setting);
    return new MysqlSteps(parts, options);
  }

  async execute(statement: NumberedStatement): Promise<void> {
    this.#refuseEnded();
    const { connection } = this.#parts;
    await this.#mark(statement);
    try {
      await connection.ask('START TRANSACTION');
      await connection.run(statement.sql, [], this.#options);
      await this.#keep(statement);
    } catch (error) {
      await this.#undo(statement);
      throw error;
    }
  }

  async call(statement: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    const { connection } = this.#parts;
    const state = { isOver: false, isMarked: false, isAnyDone: false };
    const db = mysqlMigrationDb(async (sql, values) => {
      if (state.isOver) throw new Error('this migration has ended');
      if (!state.isMarked && !staysInTransaction(sql)) {
        // With it everything before is committed, as this statement would do anyway.
        await this.#mark(statement);
        await connection.ask('COMMIT');
        state.isMarked = true;
      }
      const result = await connection.run(sql, values, this.#options);
      state.isAnyDone = true;
      return result;
    });
    await connection.ask('START TRANSACTION');
    try {
      await work(db);
      await this.#keep(statement);
    } catch (error) {
      if (!state.isMarked || !state.isAnyDone) await this.#undo(statement);
      throw error;
    } finally {
      state.isOver = true;
    }
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    this.#refuseEnded();
    await useAlone(this.#parts.connection, this.#options, work);
  }

  async finish(change: HistoryChange): Promise<void> {
    this.#refuseEnded();
    const { connection, tables } = this.#parts;
    const { service, name } = this.#options;
    await connection.ask('START TRANSACTION');
    await tables.finish(service, name, change);
    await connection.ask('COMMIT');
    this.#ended = true;
  }

  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#parts.connection.isLost) await this.#parts.connection.ask('ROLLBACK');
  }

  #mark(statement: NumberedStatement): Promise<void> {
    const { sql, number, hash, hashBefore } = statement;
    return this.#settle({ done: number - 1, hash: hashBefore, unknown: { sql, hash } });
  }

  async #keep({ number, hash }: NumberedStatement): Promise<void> {
    await this.#settle({ done: number, hash, unknown: undefined });
    await this.#parts.connection.ask('COMMIT');
  }

  /** The server has answered that it was not done; without an answer it stays unknown. */
  async #undo({ number, hashBefore }: NumberedStatement): Promise<void> {
    if (this.#parts.connection.isLost) return;
    await this.#parts.connection.ask('ROLLBACK');
    await this.#settle({ done: number - 1, hash: hashBefore, unknown: undefined });
  }

  #settle(state: Pick<UnfinishedMigration, 'done' | 'hash' | 'unknown'>): Promise<void> {
    const { service, name, direction, total } = this.#options;
    return this.#parts.tables.settle(service, { name, direction, total, ...state });
  }

  #refuseEnded(): void {
    const { connection, lock } = this.#parts;
    if (this.#ended) throw new Error('the attempt on this migration has ended');
    if (connection.isLost) throw connectionLost(connection.location, new Error('it has ended'));
    if (!lock.isHeld) throw lockLost(connection.location);
  }
}
