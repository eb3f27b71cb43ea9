import { isMaestroError } from '@maestro/core';
import pg from 'pg';

import { connectionLost, databaseFailed, databaseLocked } from '../../database-errors.ts';

/** The SQLSTATE of an error; https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Of a lock that was not free in time, a deadlock, and a conflict of serializable transactions. */
const lockStates = ['55P03', '40P01', '40001'];

export const undefinedTable = '42P01';
/** A statement that wants no transaction around it, or one that would end it. */
export const transactionRefused = ['25001', '2D000'];

/** Errors of a migration's own statements keep the database's message; the others are what the port promises. */
export function translatedStatement(location: string, error: unknown): unknown {
  if (isMaestroError(error)) return error;
  if (lockStates.includes(sqlState(error) ?? '')) return databaseLocked(location, whoIsInTheWay, error);
  return isConnectionLoss(error) ? connectionLost(location, error) : error;
}

/** What this package sends by itself and that fails is the database's fault. */
export function translated(location: string, error: unknown): unknown {
  const known = translatedStatement(location, error);
  return isMaestroError(known) ? known : databaseFailed(location, known);
}

const whoIsInTheWay =
  'see who is in the way: psql -c "SELECT pid, state, query FROM pg_stat_activity, ' +
  'LATERAL (SELECT unnest(pg_blocking_pids(pid)) AS blocker) AS b"';

/** The server ends a connection with a FATAL error, or without a word. */
function isConnectionLoss(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.severity === 'FATAL' || /^(08|57P)/.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI)/.test(code) ||
    /^(Connection terminated|Client (has|was))/.test(error.message)
  );
}
