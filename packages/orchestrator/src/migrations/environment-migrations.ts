import type { Observer } from '@maestro/core';
import type {
  Adoption,
  AdoptionSource,
  BatchEvent,
  BatchPlan,
  BatchResult,
  BatchStatus,
  RepairTarget,
  RollbackTarget,
  RunPhase,
} from '@maestro/migrations';
import type { Finding } from '@maestro/migrations/lint';

/**
 * The migrations of an environment, on the databases of its services side by side: by the files of the working tree,
 * whatever the environment runs on. A database is called by the name of its service. Each method throws
 * `ORCHESTRATOR_NO_DATABASE` for a service without one, and those that ask databases what fetching secrets throws.
 */
export interface EnvironmentMigrations {
  /**
   * Applies what is pending, once all databases were looked at and nothing is wrong with any of them: neither drift nor
   * a missing file nor, where there have been migrations before, an error that the lint finds in what is pending. What
   * fails on one database stops no other, and is in the result; the next run touches only what is left. Throws
   * `MIGRATIONS_BATCH_REFUSED` or `MIGRATIONS_PLAN_CHANGED` before it touches anything.
   */
  run(options?: RunMigrationsOptions): Promise<BatchResult>;
  /** What `run` would do, with the exact SQL; changes nothing. Throws `MIGRATIONS_BATCH_REFUSED`. */
  plan(options?: PlanMigrationsOptions): Promise<BatchPlan>;
  /** Where each database stands, or why that cannot be told. */
  status(options?: MigrationsOptions): Promise<BatchStatus>;
  /** Reverts in the reverse of the order applied. Throws `MIGRATIONS_IRREVERSIBLE`, `MIGRATIONS_BAD_TARGET` and others. */
  rollback(options: RollbackMigrationsOptions): Promise<RevertedMigrations>;
  /** Writes the next migration's files to fill in and returns their paths. Throws `MIGRATIONS_BAD_NAME`. */
  create(options: CreateMigrationOptions): Promise<readonly string[]>;
  /** What breaks the running version, blocks it or fails, by the text of the migrations alone; asks no database. */
  lint(options?: MigrationsOptions): Promise<readonly MigrationFinding[]>;
  /** Says of a statement whose outcome nobody knows whether it was done. Throws `MIGRATIONS_NOTHING_TO_REPAIR`. */
  repair(options: RepairMigrationsOptions): Promise<void>;
  /** Records as applied what another tool has applied, and runs nothing. Throws `MIGRATIONS_ADOPTION_REFUSED`. */
  adopt(options: AdoptMigrationsOptions): Promise<Adoption>;
}

export interface MigrationsOptions {
  /** Names of services; all that have a database by default. */
  readonly services?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlanMigrationsOptions extends MigrationsOptions {
  /** `expand` by default: what contracts waits, except on a database that has had no migration at all. */
  readonly phase?: RunPhase | undefined;
}

export interface RunMigrationsOptions extends PlanMigrationsOptions {
  /** The hash of a plan seen before: another one is refused. */
  readonly planHash?: string | undefined;
  readonly onEvent?: Observer<BatchEvent> | undefined;
}

interface OneDatabaseOptions {
  readonly service: string;
  readonly signal?: AbortSignal | undefined;
}

interface FollowedOptions extends OneDatabaseOptions {
  readonly onEvent?: Observer<BatchEvent> | undefined;
}

export type RollbackMigrationsOptions = FollowedOptions & RollbackTarget;
export type RepairMigrationsOptions = OneDatabaseOptions & RepairTarget;
export type AdoptMigrationsOptions = AdoptionSource &
  FollowedOptions & {
    /** Whether only to say what would be recorded. */
    readonly dryRun?: boolean | undefined;
  };

export interface CreateMigrationOptions {
  readonly service: string;
  /** In words; becomes snake_case. */
  readonly name: string;
  readonly kind: 'sql' | 'typescript';
}

export interface RevertedMigrations {
  /** Names, in the order they were reverted. */
  readonly reverted: readonly string[];
}

export interface MigrationFinding extends Finding {
  readonly service: string;
}
