import type { AttemptOptions } from '../../ports/migration-database.ts';

const defaultLockTimeoutMs = 2000;

/** By which statements are told apart otherwise than here. */
const otherRules = /^(ANSI|ANSI_QUOTES|DB2|MAXDB|MSSQL|NO_BACKSLASH_ESCAPES|ORACLE|POSTGRESQL)$/;

/**
 * What a migration has set must not reach the next one. A statement waits for a lock only briefly: whoever comes after it
 * in the queue waits as well, and be it to read.
 */
export function sessionSettings(
  sqlMode: string,
  { lockTimeoutMs = defaultLockTimeoutMs }: Pick<AttemptOptions, 'lockTimeoutMs'>,
): string[] {
  const mode = sqlMode.split(',').filter((rule) => !otherRules.test(rule));
  const seconds = Math.max(1, Math.ceil(lockTimeoutMs / 1000));
  const settings = [
    'autocommit = 1',
    'foreign_key_checks = DEFAULT',
    'unique_checks = DEFAULT',
    'time_zone = DEFAULT',
    `lock_wait_timeout = ${seconds}`,
    `innodb_lock_wait_timeout = ${seconds}`,
    `sql_mode = '${mode.join(',')}'`,
  ];
  return ['SET NAMES utf8mb4', `SET SESSION ${settings.join(', SESSION ')}`];
}
