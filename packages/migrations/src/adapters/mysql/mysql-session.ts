import { lockLost } from '../../database-errors.ts';
import type {
  AttemptOptions,
  HistoryRow,
  MigrationAttempt,
  MigrationDb,
  MigrationHistory,
  MigrationSession,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { useAlone } from './mysql-migration-db.ts';
import { MysqlSteps } from './mysql-steps.ts';
import { resolved } from './resolved.ts';
import type { SessionParts } from './session-parts.ts';
import { sessionSettings } from './session-settings.ts';

/** The lock, and the connection that migrations run on. */
export class MysqlSession implements MigrationSession {
  readonly #parts: SessionParts;
  #attempt: MysqlSteps | undefined;
  #released: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  async history(service: string): Promise<MigrationHistory> {
    this.#refuseReleased();
    const { connection, tables } = this.#parts;
    const history = await tables.read(service);
    const unfinished: UnfinishedMigration[] = [];
    for (const one of history.unfinished) unfinished.push(await resolved(connection, one));
    return { ...history, unfinished };
  }

  async begin(options: AttemptOptions): Promise<MigrationAttempt> {
    this.#refuseReleased();
    this.#attempt = await MysqlSteps.begin(this.#parts, options);
    return this.#attempt;
  }

  async settle(service: string, unfinished: UnfinishedMigration): Promise<void> {
    this.#refuseReleased();
    await this.#parts.tables.settle(service, unfinished);
  }

  async record(service: string, rows: readonly HistoryRow[]): Promise<void> {
    this.#refuseReleased();
    const { connection, lock, tables } = this.#parts;
    if (!lock.isHeld) throw lockLost(connection.location);
    await connection.ask('START TRANSACTION');
    try {
      for (const row of rows) await tables.record(service, row);
      await connection.ask('COMMIT');
    } catch (error) {
      if (!connection.isLost) await connection.ask('ROLLBACK');
      throw error;
    }
  }

  async use(work: (db: MigrationDb) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    this.#refuseReleased();
    const { connection, lock } = this.#parts;
    if (!lock.isHeld) throw lockLost(connection.location);
    for (const setting of sessionSettings(connection.sqlMode, { lockTimeoutMs: undefined })) {
      await connection.ask(setting);
    }
    await useAlone(connection, { statementTimeoutMs: undefined, signal }, work);
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
