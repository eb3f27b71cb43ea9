import { isMaestroError, isoTime, messageOf } from '@maestro/core';

import { ofMigration } from './database-errors.ts';
import { driftedStatements } from './errors.ts';
import type { Execute } from './execute-with-umzug.ts';
import type { MigrationDirection } from './events.ts';
import { executedBy } from './executed-by.ts';
import { checksumVersion } from './files/checksum.ts';
import { eachHookFailed, HookError } from './hooks/errors.ts';
import { HookedRun, type KnownHooks } from './hooks/hooked-run.ts';
import { migrationFailed } from './migration-failed.ts';
import type {
  HistoryRow,
  MigrationAttempt,
  MigrationHistory,
  MigrationSession,
  UnfinishedMigration,
} from './ports/migration-database.ts';
import { StatementError } from './step.ts';
import type { ChosenStep, StepRunnerOptions } from './step-runner.ts';

interface LockedRunnerOptions extends StepRunnerOptions {
  readonly session: MigrationSession;
  readonly execute: Execute;
  readonly signal: AbortSignal | undefined;
  readonly whenUnlocked: <T>(attempt: () => Promise<T>) => Promise<T>;
}

/** Works while the lock is held, and waits for whoever else than a runner is in the way. */
export class LockedRunner {
  readonly #options: LockedRunnerOptions;

  constructor(options: LockedRunnerOptions) {
    this.#options = options;
  }

  history(): Promise<MigrationHistory> {
    const { session, service, whenUnlocked } = this.#options;
    return whenUnlocked(() => session.history(service));
  }

  settle(unfinished: UnfinishedMigration): Promise<void> {
    const { session, service, whenUnlocked } = this.#options;
    return whenUnlocked(() => session.settle(service, unfinished));
  }

  record(rows: readonly HistoryRow[]): Promise<void> {
    const { session, service, whenUnlocked } = this.#options;
    return whenUnlocked(() => session.record(service, rows));
  }

  /** A run of one direction with its hooks. */
  hooked(hooks: readonly KnownHooks[], direction: MigrationDirection): HookedRun {
    return new HookedRun({ ...this.#options, hooks, direction });
  }

  /** Takes steps of one direction in their order; the first one that `perform` rejects for is the last. */
  async oneByOne(chosen: readonly ChosenStep[], perform: (step: ChosenStep) => Promise<void>): Promise<void> {
    const [first] = chosen;
    if (first === undefined) return;
    await this.#options.execute({
      direction: first.direction,
      migrations: chosen.map((one) => ({
        name: one.migration.name,
        path: one.step.path,
        work: () => perform(one),
      })),
    });
  }

  /** `before` is what an earlier run left of it. */
  async perform(chosen: ChosenStep, before: UnfinishedMigration | undefined, hooked: HookedRun): Promise<HistoryRow> {
    const { service, emit, whenUnlocked } = this.#options;
    const { migration, direction, step, late } = chosen;
    const { name } = migration;
    refuseChangedStatements(service, step.hashes, before);
    emit({ type: 'migration-started', service, name, direction, late });
    let isFirst = true;
    try {
      const row = await whenUnlocked(async () => {
        const unfinished = isFirst ? before : await this.#unfinished(name);
        isFirst = false;
        return this.#attempt(chosen, unfinished, hooked);
      });
      const { durationMs } = row;
      if (direction === 'up') emit({ type: 'migration-applied', service, name, durationMs, late });
      else emit({ type: 'migration-reverted', service, name, durationMs });
      return row;
    } catch (error) {
      emit({ type: 'migration-failed', service, name, direction, error: messageOf(error) });
      throw await this.#failure(chosen, error);
    }
  }

  async #attempt(chosen: ChosenStep, before: UnfinishedMigration | undefined, hooked: HookedRun): Promise<HistoryRow> {
    const { service, session, clock, signal, whenUnlocked } = this.#options;
    const { migration, direction, step } = chosen;
    const { name, checksum, directives } = migration;
    const { transaction, lockTimeoutMs, statementTimeoutMs } = step.directives;
    const total = step.hashes.length;
    const limits = { transaction, lockTimeoutMs, statementTimeoutMs };
    const resumes = before !== undefined;
    const attempt = await session.begin({ service, name, direction, total, resumes, signal, ...limits });
    const told = { name, phase: directives.phase };
    try {
      await hooked.ofEach('beforeEach', told, attempt);
      const start = clock.monotonic();
      await this.#runStatements(chosen, attempt, before?.done ?? 0);
      const durationMs = Math.round(clock.monotonic() - start);
      await hooked.ofEach('afterEach', told, attempt);
      const row = { ...told, checksum, at: isoTime(clock), durationMs, by: executedBy(), version: checksumVersion };
      const change = direction === 'up' ? { record: row } : { forget: name };
      await whenUnlocked(() => attempt.finish(change));
      return row;
    } finally {
      await this.#abandonUnlessFinished(attempt);
    }
  }

  #runStatements({ migration, direction, step }: ChosenStep, attempt: MigrationAttempt, done: number): Promise<void> {
    const { service, clock, logger, emit, signal } = this.#options;
    const { name } = migration;
    const total = step.hashes.length;
    let start = clock.monotonic();
    const onStatement = (number: number) => {
      const end = clock.monotonic();
      const durationMs = Math.round(end - start);
      emit({ type: 'statement-applied', service, name, direction, number, total, durationMs });
      start = end;
    };
    return step.run({ attempt, done, logger, signal, onStatement });
  }

  async #unfinished(name: string): Promise<UnfinishedMigration | undefined> {
    return (await this.history()).unfinished.find((one) => one.name === name);
  }

  async #failure({ migration, direction, step, passedOver }: ChosenStep, error: unknown): Promise<unknown> {
    const { service, signal } = this.#options;
    const { name } = migration;
    const cause = error instanceof StatementError ? error.cause : error;
    if (signal?.aborted === true) return signal.reason;
    if (isMaestroError(cause, 'MIGRATIONS_LOCKED')) return cause;
    if (isMaestroError(cause, 'MIGRATIONS_CONNECTION_LOST') || isMaestroError(cause, 'MIGRATIONS_LOCK_LOST')) {
      return ofMigration(service, name, cause);
    }
    const line = error instanceof StatementError ? error.line : undefined;
    const kept = await this.#unfinished(name).catch(() => undefined);
    if (error instanceof HookError) return eachHookFailed({ service, direction, error }, name, kept);
    return migrationFailed({ service, name, file: step.path, line, cause, kept, passedOver });
  }

  async #abandonUnlessFinished(attempt: MigrationAttempt): Promise<void> {
    try {
      await attempt.abandon();
    } catch (error) {
      // The error that led here says more than this one.
      const { service, logger } = this.#options;
      logger.warn('a migration that failed could not be undone yet', { service, error: messageOf(error) });
    }
  }
}

/** What was done stays done: only the statements after it may be corrected. */
function refuseChangedStatements(
  service: string,
  hashes: readonly string[],
  before: UnfinishedMigration | undefined,
): void {
  if (before === undefined || before.done === 0) return;
  if (hashes[before.done - 1] !== before.hash) throw driftedStatements(service, before);
}
