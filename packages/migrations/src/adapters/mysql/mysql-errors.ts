import { isMaestroError } from '@maestro/core';

import { connectionLost, databaseFailed, databaseLocked } from '../../database-errors.ts';

/** https://mariadb.com/kb/en/mariadb-error-codes/ */
const codes = {
  /** A lock that was not free in time, also on a table's definition, and a deadlock. */
  locks: ['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK'],
  /** Of a killed connection; a killed statement is something else. */
  lost: ['ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED', 'PROTOCOL_CONNECTION_LOST'],
  noTable: ['ER_NO_SUCH_TABLE'],
};

const connectionKilled = 1927;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isMissingTable(error: unknown): boolean {
  return codes.noTable.includes(codeOf(error));
}

/** A cluster that does not share its servers' locks refuses them: Galera, and Percona's in its own words. */
export function refusesServerLocks(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (codeOf(error) === 'ER_NOT_SUPPORTED_YET') return true;
  return error.message.includes('GET_LOCK') && /cluster|wsrep|pxc/i.test(error.message);
}

/** Errors of a migration's own statements keep the database's message; the others are what the port promises. */
export function translatedStatement(location: string, error: unknown): unknown {
  if (isMaestroError(error)) return error;
  if (codes.locks.includes(codeOf(error))) return databaseLocked(location, whoIsInTheWay, error);
  return isConnectionLoss(error) ? connectionLost(location, error) : error;
}

/** What this package sends by itself and that fails is the database's fault. */
export function translated(location: string, error: unknown): unknown {
  const known = translatedStatement(location, error);
  return isMaestroError(known) ? known : databaseFailed(location, known);
}

const whoIsInTheWay =
  'see who is in the way: mysql -e "SHOW FULL PROCESSLIST; SELECT * FROM information_schema.innodb_trx"';

function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errno' in error && error.errno === connectionKilled) return true;
  if ('fatal' in error && error.fatal === true) return true;
  const code = codeOf(error);
  return (
    codes.lost.includes(code) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/.test(code) ||
    error.message.includes('closed state')
  );
}
