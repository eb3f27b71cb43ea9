import type { Clock, Logger } from '@maestro/core';

import type { BatchEvent, MigrationEvent } from '../events.ts';
import { type Migrations, type MigrationsOptions, openMigrations } from '../migrations.ts';
import type { MigrationDatabase } from '../ports/migration-database.ts';

/** A service's migrations on one of the databases. */
export interface BatchDatabase extends Pick<MigrationsOptions, 'dump' | 'folder' | 'lockDeadlineMs' | 'service'> {
  /** Says which one it is, in results and events; unique in the batch. */
  readonly name: string;
  /** Called each time it is needed, and what it returns is closed afterwards: there are never more open than allowed. */
  readonly open: () => MigrationDatabase | Promise<MigrationDatabase>;
}

export interface OpenedParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: BatchEvent) => void;
}

export interface OpenedDatabase {
  readonly migrations: Migrations;
  /** Names of what was applied since it was opened, also where a later migration failed. */
  readonly applied: readonly string[];
}

/** Has `work` use a database, and closes it. */
export async function withDatabase<T>(
  { name, open, ...options }: BatchDatabase,
  { clock, logger, emit }: OpenedParts,
  work: (opened: OpenedDatabase) => Promise<T>,
): Promise<T> {
  const applied: string[] = [];
  const onEvent = (event: MigrationEvent) => {
    if (event.type === 'migration-applied') applied.push(event.name);
    emit({ ...event, database: name });
  };
  const database = await open();
  await using migrations = openMigrations({ ...options, database, clock, logger, onEvent });
  return await work({ migrations, applied });
}
