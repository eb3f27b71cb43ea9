import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import { adopt, type Adoption } from './adopt/adopt.ts';
import type { AdoptionSource } from './adopt/adoption-source.ts';
import type { MigrationEvent } from './events.ts';
import type { MigrationHooks } from './hooks/migration-hooks.ts';
import { type ReadMigrationFiles, readMigrationFiles } from './migration-files.ts';
import type { MigrationPlan } from './plan/migration-plan.ts';
import type { RollbackTarget } from './plan/rollback-target.ts';
import type { RunPhase } from './plan/selection.ts';
import type { HistoryRow, MigrationDatabase } from './ports/migration-database.ts';
import { repair, type RepairTarget } from './repair.ts';
import { rollBack } from './roll-back.ts';
import { planPending, runPending } from './run-pending.ts';
import { dumpAfterwards } from './schema/write-schema-dump.ts';
import type { ServiceMigrations } from './service-migrations.ts';
import { type MigrationStatus, readStatus } from './status.ts';
import { StepRunner } from './step-runner.ts';

export interface MigrationsOptions {
  /** Whose migrations these are; several services may share a database. */
  readonly service: string;
  /** Where the migration files are. */
  readonly folder: string;
  /** Closed together with the migrations. */
  readonly database: MigrationDatabase;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly onEvent?: Observer<MigrationEvent> | undefined;
  /**
   * How long to go on trying each time something is locked: the database by another runner, or a table by whoever uses
   * it; 60 000 by default.
   */
  readonly lockDeadlineMs?: number | undefined;
  /** Where the schema is written after each run and rollback, for review; a file that says the same is left alone. */
  readonly dump?: { readonly file: string } | undefined;
  /** Called around those of the file `hooks.ts`, `.js` or `.mjs` beside the migrations, where there is one. */
  readonly hooks?: MigrationHooks | undefined;
}

export interface PlanOptions {
  /** The name of the last migration to apply; all of them by default. */
  readonly to?: string | undefined;
  /**
   * `expand` by default: contract migrations wait, except on a database that has had no migration at all. `all` applies
   * both in order of number.
   */
  readonly phase?: RunPhase | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions extends PlanOptions {
  /** The hash of the plan to carry out; another one is refused. */
  readonly planHash?: string | undefined;
  /**
   * Aborting it finishes the migration that runs and begins no other one; a wait for other runners ends with its reason.
   * `signal` cancels what runs.
   */
  readonly stop?: AbortSignal | undefined;
}

export interface StatusOptions {
  readonly signal?: AbortSignal | undefined;
}

export type RollbackOptions = RollbackTarget & { readonly signal?: AbortSignal | undefined };

export type RepairOptions = RepairTarget & { readonly signal?: AbortSignal | undefined };

/** A migration as the history knows it. */
export type AppliedMigration = Omit<HistoryRow, 'version'>;

export interface RunResult {
  /** What this run applied itself, in order; what a run beside it applied is not among it. */
  readonly applied: readonly AppliedMigration[];
  /** Names of contract migrations that it passed over. */
  readonly waiting: readonly string[];
}

export interface RollbackResult {
  /** Names, in the order they were reverted. */
  readonly reverted: readonly string[];
}

export type AdoptOptions = AdoptionSource & {
  /** Whether only to say what would be recorded. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** The migrations of one service on one database. */
export interface Migrations extends AsyncDisposable {
  /**
   * Applies what is pending, in order of number, with all other runners locked out.
   * Throws `MIGRATIONS_BAD_FILES`, `_BAD_TARGET`, `_MISSING`, `_DRIFTED`, `_EXPAND_FIRST`, `_PLAN_CHANGED`, `_UNKNOWN`
   * or `_UNFINISHED` before it touches anything; `_FAILED`, `_HOOK_FAILED`, `_LOCKED`, `_CONNECTION_LOST`, `_LOCK_LOST`
   * or `_DATABASE_FAILED`. Of a migration that fails nothing is kept in a transaction; otherwise its first statements are,
   * and the next run goes on after them; `_DUMP_FAILED` after a run that went well.
   */
  run(options?: RunOptions): Promise<RunResult>;

  /** What `run` would do, with the exact SQL; changes nothing. Throws what `run` throws before it touches anything. */
  plan(options?: PlanOptions): Promise<MigrationPlan>;

  /** Compares files and history; changes nothing. Throws `MIGRATIONS_BAD_FILES`, `_LOCKED` or `_DATABASE_FAILED`. */
  status(options?: StatusOptions): Promise<MigrationStatus>;

  /**
   * Reverts in the reverse of the order applied.
   * Throws `MIGRATIONS_BAD_FILES`, `_BAD_TARGET`, `_IRREVERSIBLE`, `_UNKNOWN`, `_UNFINISHED`, or `_CONFLICT` when
   * something newer was applied meanwhile, before it touches anything; `_FAILED`, `_HOOK_FAILED`, `_LOCKED`,
   * `_CONNECTION_LOST`, `_LOCK_LOST` or `_DATABASE_FAILED`.
   */
  rollback(options: RollbackOptions): Promise<RollbackResult>;

  /**
   * Says of a migration's statement whose outcome nobody knows that it was `applied`, or that it was not: `retry`. The
   * next run goes on from there. Throws `MIGRATIONS_NOTHING_TO_REPAIR`, `_LOCKED` or `_DATABASE_FAILED`.
   */
  repair(options: RepairOptions): Promise<void>;

  /**
   * Records as applied what another tool has applied, and runs nothing; the other tool's table stays as it is. What is
   * recorded already is passed over.
   * Throws `MIGRATIONS_BAD_FILES`, `_BAD_TARGET`, `_MISSING`, `_DRIFTED`, `_UNKNOWN`, `_UNFINISHED`, `_NOTHING_TO_ADOPT`
   * or `_ADOPTION_REFUSED`, with every reason, before it records anything; `_LOCKED` or `_DATABASE_FAILED`.
   */
  adopt(options: AdoptOptions): Promise<Adoption>;
}

/** Opens a service's migrations; nothing is read before the first call. */
export function openMigrations(options: MigrationsOptions): Migrations {
  return openMigrationsOf(options, readMigrationFiles);
}

/** The same, with the files as somebody else has read them. */
export function openMigrationsOf(options: MigrationsOptions, readFiles: ReadMigrationFiles): Migrations {
  const { service, folder, database, onEvent, lockDeadlineMs = 60_000, dump, hooks } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter<MigrationEvent>({ onEvent, clock, logger });
  const runner = new StepRunner({ service, database, clock, logger, emit, lockDeadlineMs });
  const { dialect } = database;
  const files = () => readFiles(folder, dialect);
  const migrations: ServiceMigrations = { service, folder, dialect, files, runner, hooks };
  const dumped = async <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    const result = await work;
    if (dump !== undefined) await dumpAfterwards(migrations, { file: dump.file, emit, signal });
    return result;
  };
  return {
    run: (runOptions = {}) => dumped(runPending(migrations, runOptions), runOptions.signal),
    plan: (planOptions = {}) => planPending(migrations, planOptions),
    status: ({ signal } = {}) => readStatus(migrations, signal),
    rollback: ({ signal, ...target }) => dumped(rollBack(migrations, target, signal), signal),
    repair: ({ signal, ...target }) => repair(migrations, target, signal),
    adopt: ({ signal, dryRun = false, ...source }) => adopt(migrations, { source, dryRun, clock, emit, signal }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}
