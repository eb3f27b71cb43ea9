import { type Clock, systemClock } from '@maestro/core';
import type pg from 'pg';

import type { DatabaseReader, MigrationDatabase, MigrationHistory } from '../../ports/migration-database.ts';
import { IdleConnection } from '../idle-connection.ts';
import { HistoryTables } from './history-tables.ts';
import { clientConfig, locationOf, type PostgresqlAddress } from './postgresql-address.ts';
import { PostgresqlConnection } from './postgresql-connection.ts';
import { postgresqlMigrationDb } from './postgresql-migration-db.ts';
import { PostgresqlSession } from './postgresql-session.ts';
import { type RunLock, takeAdvisoryLock, takeLease } from './run-lock.ts';
import { beginReading, checkClient } from './session-settings.ts';

export type PostgresqlDatabaseOptions = PostgresqlAddress & {
  /** Where the history is, and where migrations find names without a schema; `public`, and the role's own search path. */
  readonly schema?: string | undefined;
  /**
   * How long others wait for a runner that is gone, where a pooler is in between: 15 000 by default. Without a pooler
   * the lock goes with its holder at once.
   */
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
};

/**
 * A PostgreSQL database. Each migration runs in one transaction with its history row, or, with `transaction: off`, each
 * of its statements does. A statement waits 2 s for a lock, then everything is undone and tried again.
 */
export function postgresqlDatabase(options: PostgresqlDatabaseOptions): MigrationDatabase {
  return new PostgresqlDatabase(options);
}

class PostgresqlDatabase implements MigrationDatabase {
  readonly location: string;
  readonly dialect = 'postgresql';
  readonly #config: pg.ClientConfig;
  readonly #schema: string | undefined;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  readonly #tables: HistoryTables;
  readonly #sessions = new Set<PostgresqlSession>();
  readonly #idle = new IdleConnection<PostgresqlConnection>();

  constructor(options: PostgresqlDatabaseOptions) {
    const { schema, leaseMs = 15_000, clock = systemClock } = options;
    this.location = locationOf(options, schema);
    this.#config = clientConfig(options);
    this.#schema = schema;
    this.#leaseMs = leaseMs;
    this.#clock = clock;
    this.#tables = new HistoryTables(schema ?? 'public');
  }

  async history(service: string, signal?: AbortSignal): Promise<MigrationHistory> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    try {
      return await this.#tables.read(connection, service);
    } finally {
      await this.#idle.putBack(connection);
    }
  }

  async read<T>(work: (reader: DatabaseReader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    try {
      await connection.ask(beginReading(this.#schema));
      const db = postgresqlMigrationDb((sql, values) => connection.ask(sql, values));
      return await work({ schema: this.#schema, query: (sql, ...params) => db.query(sql, ...params) });
    } finally {
      if (!connection.isLost) await connection.ask('ROLLBACK');
      await this.#idle.putBack(connection);
    }
  }

  async lock(signal?: AbortSignal): Promise<PostgresqlSession> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    const lock = await this.#lockOrPutBack(connection);
    const { isPooled, isPlain } = connection;
    const checksClient = !isPooled && (await succeeds(connection.ask(checkClient)));
    const session = new PostgresqlSession({
      connection,
      lock,
      tables: this.#tables,
      settings: { schema: this.#schema, isPooled, isPlain: isPlain && !isPooled, checksClient },
      onReleased: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    try {
      await this.#tables.create(connection);
      return session;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.release()));
    await this.#idle.end();
  }

  async #lockOrPutBack(connection: PostgresqlConnection): Promise<RunLock> {
    const schema = this.#schema ?? 'public';
    const connect = () => this.#connect();
    try {
      return connection.isPooled
        ? await takeLease({ connection, schema, leaseMs: this.#leaseMs, clock: this.#clock, connect })
        : await takeAdvisoryLock({ connection, schema });
    } catch (error) {
      await this.#idle.putBack(connection);
      throw error;
    }
  }

  #connect(signal?: AbortSignal): Promise<PostgresqlConnection> {
    const { location } = this;
    return PostgresqlConnection.open({ config: this.#config, location, clock: this.#clock }, signal);
  }
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
