import { type Clock, withDeadline } from '@maestro/core';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';

import { connectionLost, databaseFailed } from '../../database-errors.ts';
import type { SqlValue } from '../../ports/migration-database.ts';
import { translated, translatedStatement } from './mysql-errors.ts';

export interface ConnectionSettings {
  readonly options: ConnectionOptions;
  readonly location: string;
  readonly clock: Clock;
}

export interface RunLimits {
  readonly statementTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface MysqlResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly changed: number;
}

/** For what is sent by this package itself, and touches its own small tables only. */
const deadlineMs = 60_000;

/** One connection to the server. */
export class MysqlConnection {
  readonly location: string;
  /** Whether a proxy is in between that has several clients share a connection: it gives out numbers of its own. */
  readonly isPooled: boolean;
  readonly database: string;
  readonly sqlMode: string;
  readonly #settings: ConnectionSettings;
  readonly #connection: Connection;
  readonly #id: number;
  #isLost = false;

  private constructor(settings: ConnectionSettings, connection: Connection, facts: Record<string, unknown>) {
    this.#settings = settings;
    this.location = settings.location;
    this.#connection = connection;
    this.#id = Number(facts.id);
    this.database = String(facts.name);
    this.sqlMode = String(facts.mode);
    this.isPooled = connection.threadId !== this.#id;
    const lose = () => {
      this.#isLost = true;
    };
    connection.on('error', lose);
    connection.on('end', lose);
  }

  static async open(settings: ConnectionSettings, signal?: AbortSignal): Promise<MysqlConnection> {
    signal?.throwIfAborted();
    const { options, location } = settings;
    let connection: Connection | undefined;
    try {
      connection = await createConnection(options);
      const [rows] = await connection.query(
        'SELECT CONNECTION_ID() AS id, DATABASE() AS name, @@GLOBAL.sql_mode AS mode',
      );
      signal?.throwIfAborted();
      return new MysqlConnection(settings, connection, (rows as Record<string, unknown>[])[0] ?? {});
    } catch (error) {
      connection?.destroy();
      signal?.throwIfAborted();
      throw databaseFailed(location, error);
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Sends what this package needs for itself. */
  async ask(sql: string, values: readonly SqlValue[] = []): Promise<MysqlResult> {
    const { clock } = this.#settings;
    const onExpired = () => {
      this.destroy();
      return connectionLost(this.location, new Error(`there was no answer for ${deadlineMs} ms`));
    };
    try {
      return await withDeadline(() => this.#send(sql, values), { deadlineMs, clock, onExpired });
    } catch (error) {
      throw translated(this.location, error);
    }
  }

  /** Sends a migration's statement; when its time is over or the signal aborts it is cancelled. */
  async run(sql: string, values: readonly SqlValue[], { statementTimeoutMs, signal }: RunLimits): Promise<MysqlResult> {
    signal?.throwIfAborted();
    const { clock } = this.#settings;
    const done = new AbortController();
    const limit = { isOver: false };
    const onAbort = () => {
      void this.#cancel();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (statementTimeoutMs !== undefined) {
      const onOverdue = () => {
        limit.isOver = true;
        return this.#cancel();
      };
      void clock.sleep(statementTimeoutMs, done.signal).then(onOverdue, () => undefined);
    }
    try {
      return await this.#send(sql, values);
    } catch (error) {
      if (limit.isOver && !this.#isLost)
        throw new Error(`it took longer than ${statementTimeoutMs ?? 0} ms`, { cause: error });
      throw translatedStatement(this.location, error);
    } finally {
      done.abort();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async end(): Promise<void> {
    if (!this.#isLost) {
      this.#isLost = true;
      await this.#connection.end().catch(() => undefined);
    }
    this.#connection.destroy();
  }

  destroy(): void {
    this.#isLost = true;
    this.#connection.destroy();
  }

  async #send(sql: string, values: readonly SqlValue[]): Promise<MysqlResult> {
    if (this.#isLost) throw connectionLost(this.location, new Error('it has ended'));
    try {
      // The server prepares only some kinds of statements: values alone make it necessary.
      const [answer] =
        values.length === 0
          ? await this.#connection.query(sql)
          : await this.#connection.execute(sql, values.map(boundValue));
      if (Array.isArray(answer)) return { rows: answer as Record<string, unknown>[], changed: 0 };
      return { rows: [], changed: answer.affectedRows };
    } catch (error) {
      if (error instanceof Error && 'fatal' in error && error.fatal === true) this.#isLost = true;
      throw error;
    }
  }

  /** A proxy knows nobody by the number that the server has for it: there only ending the connection helps. */
  async #cancel(): Promise<void> {
    try {
      if (this.isPooled) throw new Error('nobody to ask');
      const other = await MysqlConnection.open(this.#settings);
      await other.ask(`KILL QUERY ${this.#id}`).finally(() => other.end());
    } catch {
      this.destroy();
    }
  }
}

function boundValue(value: SqlValue): string | number | Buffer | null {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
