export type { Adoption } from './adopt/adopt.ts';
export type { AdoptionSource } from './adopt/adoption-source.ts';
export type { BatchDatabase } from './batch/batch-database.ts';
export type { BatchPlan, DatabasePlan } from './batch/batch-plan.ts';
export type { BatchStatus, DatabaseStatus } from './batch/batch-status.ts';
export {
  type BatchPlanOptions,
  type BatchRunOptions,
  type MigrationBatch,
  type MigrationBatchOptions,
  openMigrationBatch,
} from './batch/migration-batch.ts';
export type { BatchResult, DatabaseResult } from './batch/run-batch.ts';
export { createMigration, type CreateMigrationOptions } from './create-migration.ts';
export type { MigrationsErrorCode } from './errors.ts';
export type { BatchEvent, BatchOutcome, MigrationDirection, MigrationEvent } from './events.ts';
export type { Phase } from './files/directives.ts';
export type { HooksFile } from './hooks/hooks-file.ts';
export type {
  EachHookContext,
  FailureHookContext,
  HookContext,
  HookMigration,
  HookName,
  MigrationHooks,
  RunHookContext,
} from './hooks/migration-hooks.ts';
export {
  type AdoptOptions,
  type AppliedMigration,
  type Migrations,
  type MigrationsOptions,
  openMigrations,
  type PlanOptions,
  type RepairOptions,
  type RollbackOptions,
  type RollbackResult,
  type RunOptions,
  type RunResult,
  type StatusOptions,
} from './migrations.ts';
export type { MigrationPlan, PlannedMigration } from './plan/migration-plan.ts';
export type { RollbackTarget } from './plan/rollback-target.ts';
export type { RunPhase } from './plan/selection.ts';
export type {
  AttemptOptions,
  DatabaseReader,
  HistoryChange,
  HistoryRow,
  MigrationAttempt,
  MigrationDatabase,
  MigrationDb,
  MigrationHistory,
  MigrationSession,
  NumberedStatement,
  SqlValue,
  UnfinishedMigration,
} from './ports/migration-database.ts';
export type { RepairTarget } from './repair.ts';
export { dumpSchema, type DumpSchemaOptions } from './schema/dump-schema.ts';
export type { SqlDialect } from './sql/dialect.ts';
export type { MigrationStatus, UnfinishedStatus } from './status.ts';
export type { MigrationContext } from './step.ts';
