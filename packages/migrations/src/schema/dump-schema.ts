import { type Clock, systemClock } from '@maestro/core';

import type { DatabaseReader, MigrationDatabase } from '../ports/migration-database.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { whenUnlocked } from '../waiting.ts';

export interface DumpSchemaOptions {
  readonly database: MigrationDatabase;
  readonly clock?: Clock | undefined;
  /** How long to go on trying while the database is locked; 60 000 by default. */
  readonly lockDeadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The schema of a database as SQL that makes the same schema in an empty one: the same text for the same schema. It ends
 * with the names of what it cannot tell. Without data, owners, privileges and the tables of this package. Statements are
 * told apart as in migrations, without a DELIMITER.
 * Throws `MIGRATIONS_LOCKED` or `MIGRATIONS_DATABASE_FAILED`.
 */
export function dumpSchema(options: DumpSchemaOptions): Promise<string> {
  const { database, clock = systemClock, lockDeadlineMs: timeoutMs = 60_000, signal } = options;
  const { location, dialect } = database;
  const wait = { service: location, clock, timeoutMs, signal, onWaiting: () => undefined };
  return whenUnlocked(() => database.read((reader) => describeSchema(dialect, reader), signal), wait);
}

/** Loads only what describes databases of this kind. */
export async function describeSchema(dialect: SqlDialect, reader: DatabaseReader): Promise<string> {
  switch (dialect) {
    case 'postgresql':
      return (await import('./postgresql/describe-schema.ts')).describePostgresql(reader);
    case 'mysql':
      return (await import('./mysql/describe-schema.ts')).describeMysql(reader);
    case 'sqlite':
      return (await import('./sqlite/describe-schema.ts')).describeSqlite(reader);
  }
}
