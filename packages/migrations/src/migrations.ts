import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import { badFiles, badTarget, conflict, irreversible } from './errors.ts';
import type { MigrationDirection, MigrationEvent } from './events.ts';
import { loadFolder, type Migration } from './files/load-folder.ts';
import { compare, refuseDeviation } from './plan/comparison.ts';
import { namesToRevert, type RollbackTarget } from './plan/rollback-target.ts';
import type { HistoryRow, MigrationDatabase } from './ports/migration-database.ts';
import { loadStep, type Step } from './step.ts';
import { type ChosenStep, StepRunner } from './step-runner.ts';

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
  /** How long to wait each time another connection holds the database; 30 000 by default. */
  readonly lockTimeoutMs?: number | undefined;
}

export interface RunOptions {
  /** The name of the last migration to apply; all of them by default. */
  readonly to?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StatusOptions {
  readonly signal?: AbortSignal | undefined;
}

export type RollbackOptions = RollbackTarget & { readonly signal?: AbortSignal | undefined };

/** A migration as the history knows it. */
export type AppliedMigration = Omit<HistoryRow, 'version'>;

export interface MigrationStatus {
  readonly service: string;
  /** In the order applied. */
  readonly applied: readonly AppliedMigration[];
  /** Names, in the order they will be applied. */
  readonly pending: readonly string[];
  /** The pending ones that are numbered before an applied one. */
  readonly late: readonly string[];
  /** Names of applied ones whose file has changed since. */
  readonly drifted: readonly string[];
  /** Names of applied ones that have no file. */
  readonly missing: readonly string[];
}

export interface RunResult {
  /** What this run applied itself, in order; what a run beside it applied is not among it. */
  readonly applied: readonly AppliedMigration[];
}

export interface RollbackResult {
  /** Names, in the order they were reverted. */
  readonly reverted: readonly string[];
}

/** The migrations of one service on one database. */
export interface Migrations extends AsyncDisposable {
  /**
   * Applies what is pending, in order of number, each in its own transaction.
   * Throws `MIGRATIONS_BAD_FILES`, `_BAD_TARGET`, `_MISSING` or `_DRIFTED` before it touches anything, `_FAILED` with
   * nothing kept of the migration that failed, `_LOCKED` or `_DATABASE_FAILED`.
   */
  run(options?: RunOptions): Promise<RunResult>;

  /** Compares files and history; changes nothing. Throws `MIGRATIONS_BAD_FILES`, `_LOCKED` or `_DATABASE_FAILED`. */
  status(options?: StatusOptions): Promise<MigrationStatus>;

  /**
   * Reverts in the reverse of the order applied, each in its own transaction.
   * Throws `MIGRATIONS_BAD_FILES`, `_BAD_TARGET` or `_IRREVERSIBLE` before it touches anything, `_FAILED`, `_LOCKED`,
   * `_DATABASE_FAILED`, or `_CONFLICT` when something newer was applied meanwhile.
   */
  rollback(options: RollbackOptions): Promise<RollbackResult>;
}

/** Opens a service's migrations; nothing is read before the first call. */
export function openMigrations(options: MigrationsOptions): Migrations {
  return new ServiceMigrations(options);
}

class ServiceMigrations implements Migrations {
  readonly #service: string;
  readonly #folder: string;
  readonly #database: MigrationDatabase;
  readonly #runner: StepRunner;

  constructor(options: MigrationsOptions) {
    const { service, folder, database, onEvent, lockTimeoutMs = 30_000 } = options;
    const { clock = systemClock, logger = silentLogger } = options;
    const emit = createEmitter<MigrationEvent>({ onEvent, clock, logger });
    this.#service = service;
    this.#folder = folder;
    this.#database = database;
    this.#runner = new StepRunner({ service, database, clock, logger, emit, lockTimeoutMs });
  }

  async run({ to, signal }: RunOptions = {}): Promise<RunResult> {
    const wanted = this.#pendingUpTo(to, await loadFolder(this.#folder));
    // A module that does not load must stop the run before the migrations in front of it are applied.
    for (const { migration } of wanted(await this.#runner.history(signal))) await this.#loadUp(migration);

    const applied: AppliedMigration[] = [];
    while (wanted(await this.#runner.history(signal)).length > 0) {
      // Chosen again with the lock held: another runner may have applied it since.
      const row = await this.#runner.perform(async (history) => {
        const [next] = wanted(history);
        return next && { ...next, direction: 'up', step: await this.#loadUp(next.migration) };
      }, signal);
      if (row !== undefined) applied.push(withoutVersion(row));
    }
    return { applied };
  }

  async status({ signal }: StatusOptions = {}): Promise<MigrationStatus> {
    const migrations = await loadFolder(this.#folder);
    const history = await this.#runner.history(signal);
    const { pending, late, drifted, missing } = compare(migrations, history);
    return {
      service: this.#service,
      applied: history.map(withoutVersion),
      pending: pending.map(({ name }) => name),
      late: late.map(({ name }) => name),
      drifted,
      missing,
    };
  }

  async rollback({ signal, ...target }: RollbackOptions): Promise<RollbackResult> {
    const migrations = await loadFolder(this.#folder);
    const names = namesToRevert(this.#service, await this.#runner.history(signal), target);
    const steps = await this.#loadDowns(names, migrations);

    const reverted: string[] = [];
    for (const step of steps) {
      const row = await this.#runner.perform((history) => Promise.resolve(this.#stillNewest(step, history)), signal);
      if (row !== undefined) reverted.push(row.name);
    }
    return { reverted };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  #pendingUpTo(to: string | undefined, migrations: readonly Migration[]) {
    const last = to === undefined ? migrations.at(-1) : migrations.find(({ name }) => name === to);
    if (to !== undefined && last === undefined) {
      throw badTarget(this.#service, `there is no migration '${to}' in ${this.#folder}`);
    }
    return (history: readonly HistoryRow[]) => {
      const comparison = compare(migrations, history);
      refuseDeviation(this.#service, comparison);
      return comparison.pending
        .filter(({ number }) => last !== undefined && number <= last.number)
        .map((migration) => ({ migration, late: comparison.late.includes(migration) }));
    };
  }

  async #loadUp(migration: Migration): Promise<Step> {
    const step = await loadStep(migration, 'up');
    if (typeof step === 'string') throw badFiles(this.#folder, [step]);
    return step;
  }

  async #loadDowns(names: readonly string[], migrations: readonly Migration[]): Promise<ChosenStep[]> {
    const reasons: string[] = [];
    const chosen: ChosenStep[] = [];
    const direction: MigrationDirection = 'down';
    for (const name of names) {
      const migration = migrations.find((one) => one.name === name);
      const step = migration === undefined ? `${name} has no file` : await loadStep(migration, direction);
      if (typeof step === 'string') reasons.push(step);
      else if (migration !== undefined) chosen.push({ migration, direction, step, late: false });
    }
    if (reasons.length > 0) throw irreversible(this.#service, reasons);
    return chosen;
  }

  /** Nothing when somebody else has reverted it meanwhile. */
  #stillNewest(step: ChosenStep, history: readonly HistoryRow[]): ChosenStep | undefined {
    const { name } = step.migration;
    if (!history.some((row) => row.name === name)) return undefined;
    const newest = history.at(-1)?.name ?? name;
    if (newest !== name) throw conflict(this.#service, name, newest);
    return step;
  }
}

function withoutVersion({ name, checksum, at, durationMs, by }: HistoryRow): AppliedMigration {
  return { name, checksum, at, durationMs, by };
}
