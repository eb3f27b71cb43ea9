import { createHash, randomUUID } from 'node:crypto';

import { type Clock, isMaestroError } from '@maestro/core';

import { databaseLocked } from '../../database-errors.ts';
import { Lease } from '../../lease.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { refusesServerLocks } from './mysql-errors.ts';

/** Keeps other runners out. */
export interface RunLock {
  readonly isHeld: boolean;
  release(): Promise<void>;
}

export interface RunLockOptions {
  readonly connection: MysqlConnection;
  readonly leaseMs: number;
  readonly clock: Clock;
  /** For a connection of its own: renewals must not wait for a migration. */
  readonly connect: () => Promise<MysqlConnection>;
}

/**
 * The server's own lock, on the connection that the migrations run on: it goes with it, and nothing runs without it. A
 * lease where a cluster refuses such locks, or a proxy has several clients share a connection.
 */
export async function takeRunLock(options: RunLockOptions): Promise<RunLock> {
  const { connection } = options;
  if (connection.isPooled) return takeLease(options);
  try {
    return await takeServerLock(connection);
  } catch (error) {
    if (isMaestroError(error) && refusesServerLocks(error.cause)) return takeLease(options);
    throw error;
  }
}

async function takeServerLock(connection: MysqlConnection): Promise<RunLock> {
  const name = lockName(connection.database);
  const { rows } = await connection.ask('SELECT GET_LOCK(?, 0) AS is_held', [name]);
  if (Number(rows[0]?.is_held) !== 1) {
    throw databaseLocked(
      connection.location,
      `wait for the run that goes on, see: mysql -e "SELECT * FROM information_schema.processlist WHERE id = IS_USED_LOCK('${name}')"`,
    );
  }
  return {
    get isHeld() {
      return !connection.isLost;
    },
    release: async () => {
      if (!connection.isLost) await connection.ask('SELECT RELEASE_LOCK(?)', [name]);
    },
  };
}

/** Locks are the whole server's, and their names at most 64 characters long. */
export function lockName(database: string): string {
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 24);
  return `maestro.${database.replace(/\W/g, '_').slice(0, 24)}.${hash}`;
}

/** A row with a time in it. */
export async function takeLease({ connection, leaseMs, clock, connect }: RunLockOptions): Promise<RunLock> {
  const table = `\`${connection.database.replaceAll('`', '``')}\`.maestro_migrations_lease`;
  const holder = randomUUID();
  const until = `UTC_TIMESTAMP(3) + INTERVAL ${leaseMs * 1000} MICROSECOND`;
  await connection.ask(
    `CREATE TABLE IF NOT EXISTS ${table} (id INT NOT NULL PRIMARY KEY, holder CHAR(36) NOT NULL,
     expires_at DATETIME(3) NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4`,
  );
  await connection.ask(`INSERT IGNORE INTO ${table} VALUES (1, '', '2000-01-01')`);
  const askedAt = clock.monotonic();
  const { changed } = await connection.ask(
    `UPDATE ${table} SET holder = ?, expires_at = ${until} WHERE id = 1 AND expires_at < UTC_TIMESTAMP(3)`,
    [holder],
  );
  if (changed !== 1) {
    throw databaseLocked(connection.location, `wait for its holder, or ${leaseMs} ms if that one is gone`);
  }

  const renewals = await connect();
  const renew = async () =>
    (await renewals.ask(`UPDATE ${table} SET expires_at = ${until} WHERE holder = ?`, [holder])).changed === 1;
  const lease = new Lease(askedAt, { renew, leaseMs, clock });
  return {
    get isHeld() {
      return !connection.isLost && lease.isHeld;
    },
    release: async () => {
      await lease.stop();
      const given = renewals.ask(`UPDATE ${table} SET expires_at = '2000-01-01' WHERE holder = ?`, [holder]);
      await given.finally(() => renewals.end());
    },
  };
}
