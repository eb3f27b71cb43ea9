import type { Clock, Logger } from '@maestro/core';

import type { BatchEvent, MigrationEvent } from '../events.ts';
import { type Migrations, type MigrationsOptions, openMigrationsOf } from '../migrations.ts';
import type { ReadMigrationFiles } from '../migration-files.ts';
import type { MigrationDatabase } from '../ports/migration-database.ts';

/** A service's migrations on one of the databases. */
export interface BatchDatabase extends Pick<
  MigrationsOptions,
  'dump' | 'folder' | 'hooks' | 'lockDeadlineMs' | 'service'
> {
  /** Says which one it is, in results and events; unique in the batch. */
  readonly name: string;
  /** Called once or twice, and what it returns is closed afterwards: there are never more open than allowed. */
  readonly open: () => MigrationDatabase | Promise<MigrationDatabase>;
}

export interface OpenedParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: BatchEvent) => void;
  readonly readFiles: ReadMigrationFiles;
}

export interface OpenedDatabase extends AsyncDisposable {
  readonly migrations: Migrations;
  /** Names of what was applied since it was opened, also where a later migration failed. */
  readonly applied: readonly string[];
}

export async function openOne(
  { name, open, ...options }: BatchDatabase,
  { clock, logger, emit, readFiles }: OpenedParts,
): Promise<OpenedDatabase> {
  const applied: string[] = [];
  const onEvent = (event: MigrationEvent) => {
    if (event.type === 'migration-applied') applied.push(event.name);
    emit({ ...event, database: name });
  };
  const database = await open();
  const migrations = openMigrationsOf({ ...options, database, clock, logger, onEvent }, readFiles);
  return { migrations, applied, [Symbol.asyncDispose]: () => migrations[Symbol.asyncDispose]() };
}
