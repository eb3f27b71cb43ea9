import { type Clock, isMaestroError, isoTime, type Logger, messageOf } from '@maestro/core';

import { migrationFailed } from './errors.ts';
import type { MigrationDirection, MigrationEvent } from './events.ts';
import { type Execute, loadUmzug } from './execute-with-umzug.ts';
import { executedBy } from './executed-by.ts';
import { checksumVersion } from './files/checksum.ts';
import type { Migration } from './files/load-folder.ts';
import type { HistoryRow, MigrationDatabase, MigrationTransaction } from './ports/migration-database.ts';
import { StatementError, type Step } from './step.ts';
import { whenUnlocked } from './waiting.ts';

export interface StepRunnerOptions {
  readonly service: string;
  readonly database: MigrationDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: MigrationEvent) => void;
  readonly lockTimeoutMs: number;
}

/** What to do next, chosen with the history locked. */
export interface ChosenStep {
  readonly migration: Migration;
  readonly direction: MigrationDirection;
  readonly step: Step;
  readonly late: boolean;
}

interface RunningStep extends ChosenStep {
  readonly transaction: MigrationTransaction;
  readonly execute: Execute;
  readonly signal: AbortSignal | undefined;
}

/** Runs one migration at a time, each in a transaction of its own together with its history row. */
export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  history(signal: AbortSignal | undefined): Promise<readonly HistoryRow[]> {
    const { database, service } = this.#options;
    return this.#whenUnlocked(() => database.history(service, signal), signal);
  }

  /** Runs what `choose` picks from the locked history; undefined when it picks nothing. */
  async perform(
    choose: (history: readonly HistoryRow[]) => Promise<ChosenStep | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<HistoryRow | undefined> {
    const { database, service } = this.#options;
    // Before the lock: others wait as long as it is held.
    const execute = await loadUmzug();
    const transaction = await this.#whenUnlocked(() => database.begin(signal), signal);
    try {
      const chosen = await choose(await transaction.history(service));
      if (chosen === undefined) return undefined;
      return await this.#runStep({ transaction, execute, signal, ...chosen });
    } finally {
      await this.#rollbackUnlessCommitted(transaction);
    }
  }

  async #runStep(running: RunningStep): Promise<HistoryRow> {
    const { service, emit } = this.#options;
    const { transaction, migration, direction, step, late, signal } = running;
    const { name } = migration;
    emit({ type: 'migration-started', service, name, direction, late });
    try {
      const row = await this.#change(running);
      await this.#whenUnlocked(() => transaction.commit(), signal);
      const { durationMs } = row;
      if (direction === 'up') emit({ type: 'migration-applied', service, name, durationMs, late });
      else emit({ type: 'migration-reverted', service, name, durationMs });
      return row;
    } catch (error) {
      emit({ type: 'migration-failed', service, name, direction, error: messageOf(error) });
      const isAbort = signal?.aborted === true && error === signal.reason;
      if (isAbort || isMaestroError(error, 'MIGRATIONS_LOCKED')) throw error;
      const line = error instanceof StatementError ? error.line : undefined;
      const cause = error instanceof StatementError ? error.cause : error;
      throw migrationFailed({ service, name, file: step.path, line, cause });
    }
  }

  async #change({ transaction, execute, migration, direction, step, signal }: RunningStep): Promise<HistoryRow> {
    const { service, clock, logger } = this.#options;
    const { name, checksum } = migration;
    const start = clock.monotonic();
    const work = () => step.run({ transaction, logger, signal });
    await execute({ name, path: step.path, direction, work });
    const durationMs = Math.round(clock.monotonic() - start);
    const row = { name, checksum, at: isoTime(clock), durationMs, by: executedBy(), version: checksumVersion };
    await (direction === 'up' ? transaction.record(service, row) : transaction.forget(service, name));
    return row;
  }

  #whenUnlocked<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { service, database, clock, lockTimeoutMs: timeoutMs, emit } = this.#options;
    const onWaiting = () => {
      emit({ type: 'waiting-for-lock', service, location: database.location, timeoutMs });
    };
    return whenUnlocked(attempt, { service, clock, timeoutMs, signal, onWaiting });
  }

  async #rollbackUnlessCommitted(transaction: MigrationTransaction): Promise<void> {
    try {
      await transaction.rollback();
    } catch (error) {
      // The error that led here says more than this one.
      const { service, logger } = this.#options;
      logger.warn('a transaction could not be rolled back', { service, error: messageOf(error) });
    }
  }
}
