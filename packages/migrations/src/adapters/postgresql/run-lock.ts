import { createHash, randomUUID } from 'node:crypto';

import type { Clock } from '@maestro/core';
import pg from 'pg';

import { databaseLocked } from '../../database-errors.ts';
import { Lease } from '../../lease.ts';
import type { PostgresqlConnection } from './postgresql-connection.ts';

/** Keeps other runners out. */
export interface RunLock {
  readonly isHeld: boolean;
  /** For the start of a transaction: a query that finds a row, and keeps the lock until the transaction ends. */
  readonly fence: string | undefined;
  release(): Promise<void>;
}

export interface AdvisoryLockOptions {
  readonly connection: PostgresqlConnection;
  readonly schema: string;
}

/**
 * The server's own lock, on the connection that the migrations run on: it goes with it, and nothing runs without it.
 * It is tried, never waited for: CREATE INDEX CONCURRENTLY waits for whoever waits in the server.
 */
export async function takeAdvisoryLock({ connection, schema }: AdvisoryLockOptions): Promise<RunLock> {
  const key = advisoryKey(connection.database, schema);
  const [tried] = await connection.ask(`SELECT pg_try_advisory_lock(${key}) AS is_held`);
  if (tried?.rows[0]?.is_held !== true) {
    throw databaseLocked(
      connection.location,
      'wait for the run that goes on, see: psql -c "SELECT pid, query FROM pg_stat_activity WHERE application_name = \'maestro-migrations\'"',
    );
  }
  return {
    get isHeld() {
      return !connection.isLost;
    },
    fence: undefined,
    release: async () => {
      if (!connection.isLost) await connection.ask(`SELECT pg_advisory_unlock(${key})`);
    },
  };
}

/** The same for everybody who runs migrations in that schema. */
function advisoryKey(database: string, schema: string): string {
  const hash = createHash('sha256').update(JSON.stringify(['maestro-migrations', database, schema]));
  return hash.digest().readBigInt64BE().toString();
}

export interface LeaseLockOptions extends AdvisoryLockOptions {
  readonly leaseMs: number;
  readonly clock: Clock;
  /** For a connection of its own: renewals must not wait for a migration. */
  readonly connect: () => Promise<PostgresqlConnection>;
}

/** A row with a time in it: where a pooler gives each transaction another connection, the server's locks mean nothing. */
export async function takeLease(options: LeaseLockOptions): Promise<RunLock> {
  const { connection, schema, leaseMs, clock, connect } = options;
  const table = `${pg.escapeIdentifier(schema)}.maestro_migrations_lease`;
  const holder = pg.escapeLiteral(randomUUID());
  const until = `clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  await createLeaseTable(connection, table);
  const askedAt = clock.monotonic();
  // Not where a transaction of its holder goes on, which keeps the row: see the fence.
  const [taken] = await connection.ask(`
    UPDATE ${table} SET holder = ${holder}, expires_at = ${until} WHERE id IN (
      SELECT id FROM ${table} WHERE expires_at < clock_timestamp() FOR UPDATE SKIP LOCKED
    )`);
  if (taken?.count !== 1) {
    throw databaseLocked(connection.location, `wait for its holder, or ${leaseMs} ms if that one is gone`);
  }

  const renewals = await connect();
  const renew = async () => {
    const [renewed] = await renewals.ask(`UPDATE ${table} SET expires_at = ${until} WHERE holder = ${holder}`);
    return renewed?.count === 1;
  };
  const lease = new Lease(askedAt, { renew, leaseMs, clock });
  return {
    get isHeld() {
      return lease.isHeld;
    },
    fence: `SELECT id FROM ${table} WHERE holder = ${holder} AND expires_at > clock_timestamp() FOR KEY SHARE`,
    release: async () => {
      await lease.stop();
      const given = renewals.ask(`UPDATE ${table} SET expires_at = '-infinity' WHERE holder = ${holder}`);
      await given.finally(() => renewals.end());
    },
  };
}

async function createLeaseTable(connection: PostgresqlConnection, table: string): Promise<void> {
  const [found] = await connection.ask(`SELECT to_regclass(${pg.escapeLiteral(table)}) IS NOT NULL AS is_there`);
  if (found?.rows[0]?.is_there === true) return;
  const create = `
    CREATE TABLE IF NOT EXISTS ${table} (id integer PRIMARY KEY, holder text, expires_at timestamptz NOT NULL);
    INSERT INTO ${table} (id, expires_at) VALUES (1, '-infinity') ON CONFLICT DO NOTHING`;
  // Of two that create it at once one fails, and finds it the next time.
  await connection.ask(create).catch(() => connection.ask(create));
}
