import { type Clock, type Logger, messageOf } from '@maestro/core';

import { unfinished as unfinishedError, unknownOutcome } from './errors.ts';
import type { MigrationDirection, MigrationEvent } from './events.ts';
import { loadUmzug } from './execute-with-umzug.ts';
import type { Migration } from './files/load-folder.ts';
import { LockedRunner } from './locked-runner.ts';
import type {
  DatabaseReader,
  MigrationDatabase,
  MigrationHistory,
  MigrationSession,
} from './ports/migration-database.ts';
import type { Step } from './step.ts';
import { whenUnlocked } from './waiting.ts';

export interface StepRunnerOptions {
  readonly service: string;
  readonly database: MigrationDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: MigrationEvent) => void;
  readonly lockDeadlineMs: number;
}

/** One direction of one migration, chosen with the history locked. */
export interface ChosenStep {
  readonly migration: Migration;
  readonly direction: MigrationDirection;
  readonly step: Step;
  readonly late: boolean;
  /** Contract migrations before it that were passed over. */
  readonly passedOver: readonly string[];
}

/** Reads the history of one service, and runs its migrations with all others locked out. */
export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  history(signal: AbortSignal | undefined): Promise<MigrationHistory> {
    const { database, service } = this.#options;
    return this.#whenUnlocked(() => database.history(service, signal), signal);
  }

  read<T>(work: (reader: DatabaseReader) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { database } = this.#options;
    return this.#whenUnlocked(() => database.read(work, signal), signal);
  }

  /** Holds the lock while `work` goes on; `stop` ends the wait for it, and nothing later. */
  async locked<T>(
    work: (runner: LockedRunner) => Promise<T>,
    signal: AbortSignal | undefined,
    stop?: AbortSignal,
  ): Promise<T> {
    const { database } = this.#options;
    // Before the lock: others wait as long as it is held.
    const execute = await loadUmzug();
    const either = AbortSignal.any([signal, stop].filter((one) => one !== undefined));
    const session = await this.#whenUnlocked(() => database.lock(either), either);
    try {
      const unlocked = <R>(attempt: () => Promise<R>) => this.#whenUnlocked(attempt, signal);
      return await work(new LockedRunner({ ...this.#options, session, execute, signal, whenUnlocked: unlocked }));
    } finally {
      await this.#release(session);
    }
  }

  #whenUnlocked<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { service, database, clock, lockDeadlineMs: timeoutMs, emit } = this.#options;
    const onWaiting = (reason: string) => {
      emit({ type: 'waiting-for-lock', service, location: database.location, timeoutMs, reason });
    };
    return whenUnlocked(attempt, { service, clock, timeoutMs, signal, onWaiting });
  }

  async #release(session: MigrationSession): Promise<void> {
    try {
      await session.release();
    } catch (error) {
      // The error that led here says more than this one.
      const { service, logger } = this.#options;
      logger.warn('the lock on a database could not be released', { service, error: messageOf(error) });
    }
  }
}

/** Throws `MIGRATIONS_UNKNOWN`, or `MIGRATIONS_UNFINISHED` where another direction has to be finished first. */
export function refuseUnfinished(service: string, history: MigrationHistory, direction: MigrationDirection): void {
  for (const one of history.unfinished) {
    if (one.unknown !== undefined) throw unknownOutcome(service, one);
    if (one.direction !== direction) throw unfinishedError(service, one);
  }
}
