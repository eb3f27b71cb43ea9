import pg from 'pg';

import type { AttemptOptions } from '../../ports/migration-database.ts';

export interface SessionSettings {
  /** Where names without a schema are looked for; the role's own search path when undefined. */
  readonly schema: string | undefined;
  readonly isPooled: boolean;
  /** Whether what is reset has texts as in standard SQL and no time limits: then these need not be set. */
  readonly isPlain: boolean;
  /** Whether the server can notice in the middle of a statement that its client is gone: from PostgreSQL 14 on. */
  readonly checksClient: boolean;
}

/** Otherwise a server would go on with a statement for nobody, and keep the lock meanwhile. */
export const checkClient = 'SET client_connection_check_interval = 1000';

/** A migration may have taken on another role, which need not be one that may write the history. */
export const asOneself = 'RESET SESSION AUTHORIZATION';

const defaultLockTimeoutMs = 2000;

type Limits = Pick<AttemptOptions, 'lockTimeoutMs' | 'statementTimeoutMs'>;

/**
 * Begins a transaction in which a statement waits for a lock only briefly: whoever comes after it in the queue waits as
 * well, and be it to read.
 */
export function beginTransaction(settings: SessionSettings, limits: Limits): string {
  return [
    ...forgetting(settings),
    'BEGIN',
    ...settingsFor(settings, limits).map((setting) => `SET LOCAL ${setting}`),
  ].join('; ');
}

/** Begins a transaction that sees the database at one moment, and cannot change it. */
export function beginReading(schema: string | undefined): string {
  const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
  return schema === undefined ? begin : `${begin}; SET LOCAL search_path = ${pg.escapeIdentifier(schema)}, public`;
}

/**
 * For statements without a transaction, which the database then keeps one by one. A pooler may send them over another
 * connection than the settings, and keep those for somebody else: nothing is set there.
 */
export function settingsAlone(options: SessionSettings, limits: Limits): string | undefined {
  if (options.isPooled) return undefined;
  return [...forgetting(options), ...settingsFor(options, limits).map((setting) => `SET ${setting}`)].join('; ');
}

/**
 * For what builds or drops an index concurrently, and the like: given up for a lock it would leave an invalid index,
 * and while it waits it is in nobody's way. It waits for every transaction that is older than itself, yet not for ever.
 */
export function concurrentLimits({ statementTimeoutMs = 3_600_000 }: Limits): Limits {
  return { lockTimeoutMs: 0, statementTimeoutMs };
}

/** What a migration has set must not reach the next one. */
function forgetting({ isPooled, checksClient }: SessionSettings): string[] {
  if (isPooled) return [];
  return ['RESET ALL', asOneself, 'DEALLOCATE ALL', 'DISCARD TEMP', ...(checksClient ? [checkClient] : [])];
}

function settingsFor({ schema, isPlain }: SessionSettings, limits: Limits): string[] {
  const { lockTimeoutMs = defaultLockTimeoutMs, statementTimeoutMs = 0 } = limits;
  return [
    `lock_timeout = ${lockTimeoutMs}`,
    ...(isPlain && statementTimeoutMs === 0 ? [] : [`statement_timeout = ${statementTimeoutMs}`]),
    // Statements were told apart by these rules.
    ...(isPlain ? [] : ['idle_in_transaction_session_timeout = 0', 'standard_conforming_strings = on']),
    ...(schema === undefined ? [] : [`search_path = ${pg.escapeIdentifier(schema)}, public`]),
  ];
}
