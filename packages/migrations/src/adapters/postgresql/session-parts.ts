import { connectionLost, lockLost } from '../../database-errors.ts';
import type { HistoryTables } from './history-tables.ts';
import type { PostgresqlConnection } from './postgresql-connection.ts';
import type { RunLock } from './run-lock.ts';
import { asOneself, type SessionSettings } from './session-settings.ts';

export interface SessionParts {
  readonly connection: PostgresqlConnection;
  readonly tables: HistoryTables;
  readonly lock: RunLock;
  readonly settings: SessionSettings;
  readonly onReleased: () => void;
}

/** Throws where the connection or the lock is known to be gone. */
export function refuseLost({ connection, lock }: SessionParts): void {
  const { location } = connection;
  if (connection.isLost) throw connectionLost(location, new Error('it has ended'));
  if (!lock.isHeld) throw lockLost(location);
}

/** Begins a transaction that the lock is certain to outlive. */
export async function beginFenced(parts: SessionParts, begin: string): Promise<void> {
  const { connection, lock } = parts;
  refuseLost(parts);
  if (lock.fence === undefined) {
    await connection.ask(begin);
    return;
  }
  const results = await connection.ask(`${begin}; ${lock.fence}`);
  if (results.at(-1)?.rows.length !== 1) throw lockLost(connection.location);
}

/** Writes down what this package keeps, whoever a function has made the connection be. */
export async function inOwnTransaction(parts: SessionParts, sql: string): Promise<void> {
  await beginFenced(parts, `BEGIN; ${asOneself}`);
  try {
    await parts.connection.ask(`${sql}; COMMIT`);
  } catch (error) {
    if (!parts.connection.isLost) await parts.connection.ask('ROLLBACK');
    throw error;
  }
}
