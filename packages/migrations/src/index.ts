export { createMigration, type CreateMigrationOptions } from './create-migration.ts';
export type { MigrationsErrorCode } from './errors.ts';
export type { MigrationDirection, MigrationEvent } from './events.ts';
export {
  type AppliedMigration,
  type Migrations,
  type MigrationsOptions,
  type MigrationStatus,
  openMigrations,
  type RollbackOptions,
  type RollbackResult,
  type RunOptions,
  type RunResult,
  type StatusOptions,
} from './migrations.ts';
export type { RollbackTarget } from './plan/rollback-target.ts';
export type {
  HistoryRow,
  MigrationDatabase,
  MigrationDb,
  MigrationTransaction,
  SqlValue,
} from './ports/migration-database.ts';
export type { MigrationContext } from './step.ts';
