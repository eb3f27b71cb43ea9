import { type Clock, systemClock } from '@maestro/core';
import type { ConnectionOptions } from 'mysql2/promise';

import type { DatabaseReader, MigrationDatabase, MigrationHistory } from '../../ports/migration-database.ts';
import { IdleConnection } from '../idle-connection.ts';
import { HistoryTables } from './history-tables.ts';
import { connectionOptions, locationOf, type MysqlAddress } from './mysql-address.ts';
import { MysqlConnection } from './mysql-connection.ts';
import { mysqlMigrationDb } from './mysql-migration-db.ts';
import { MysqlSession } from './mysql-session.ts';
import { type RunLock, takeRunLock } from './run-lock.ts';

export type MysqlDatabaseOptions = MysqlAddress & {
  /**
   * How long others wait for a runner that is gone, where a cluster refuses the server's own locks: 15 000 by default.
   * Otherwise the lock goes with its holder at once.
   */
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
};

/**
 * A MySQL or MariaDB database. As it commits at each change of the schema, migrations run statement by statement: what
 * was done stays done, and the next run goes on after it.
 */
export function mysqlDatabase(options: MysqlDatabaseOptions): MigrationDatabase {
  return new MysqlDatabase(options);
}

class MysqlDatabase implements MigrationDatabase {
  readonly location: string;
  readonly dialect = 'mysql';
  readonly #options: ConnectionOptions;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  readonly #sessions = new Set<MysqlSession>();
  readonly #idle = new IdleConnection<MysqlConnection>();

  constructor(options: MysqlDatabaseOptions) {
    const { leaseMs = 15_000, clock = systemClock } = options;
    this.location = locationOf(options);
    this.#options = connectionOptions(options);
    this.#leaseMs = leaseMs;
    this.#clock = clock;
  }

  async history(service: string, signal?: AbortSignal): Promise<MigrationHistory> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    try {
      return await new HistoryTables(connection).read(service);
    } finally {
      await this.#idle.putBack(connection);
    }
  }

  async read<T>(work: (reader: DatabaseReader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    try {
      await connection.ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const db = mysqlMigrationDb((sql, values) => connection.ask(sql, values));
      return await work({ schema: undefined, query: (sql, ...params) => db.query(sql, ...params) });
    } finally {
      if (!connection.isLost) await connection.ask('ROLLBACK');
      await this.#idle.putBack(connection);
    }
  }

  async lock(signal?: AbortSignal): Promise<MysqlSession> {
    const connection = await this.#idle.take((stop) => this.#connect(stop), signal);
    const lock = await this.#lockOrPutBack(connection);
    const tables = new HistoryTables(connection);
    const session = new MysqlSession({ connection, lock, tables, onReleased: () => this.#sessions.delete(session) });
    this.#sessions.add(session);
    try {
      await tables.create();
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

  async #lockOrPutBack(connection: MysqlConnection): Promise<RunLock> {
    try {
      const connect = () => this.#connect();
      return await takeRunLock({ connection, leaseMs: this.#leaseMs, clock: this.#clock, connect });
    } catch (error) {
      await this.#idle.putBack(connection);
      throw error;
    }
  }

  #connect(signal?: AbortSignal): Promise<MysqlConnection> {
    return MysqlConnection.open({ options: this.#options, location: this.location, clock: this.#clock }, signal);
  }
}
