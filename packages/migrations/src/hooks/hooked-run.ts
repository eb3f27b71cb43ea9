import { type Clock, isMaestroError, type Logger, messageOf, withDeadline } from '@maestro/core';

import type { MigrationDirection, MigrationEvent } from '../events.ts';
import type {
  MigrationAttempt,
  MigrationDatabase,
  MigrationDb,
  MigrationSession,
} from '../ports/migration-database.ts';
import { trackedDb } from '../tracked-db.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { HookError, runHookFailed } from './errors.ts';
import type { HookContext, HookMigration, HookName, MigrationHooks } from './migration-hooks.ts';
import { patientDb } from './patient-db.ts';

/** Hooks, with the file that they are from; undefined for those given in code. */
export interface KnownHooks {
  readonly hooks: MigrationHooks;
  readonly file: string | undefined;
}

export interface HookedRunOptions {
  readonly service: string;
  readonly direction: MigrationDirection;
  readonly database: Pick<MigrationDatabase, 'dialect' | 'location'>;
  readonly session: Pick<MigrationSession, 'use'>;
  /** From the outside in: those before are called in this order, those after in reverse. */
  readonly hooks: readonly KnownHooks[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: MigrationEvent) => void;
  readonly signal: AbortSignal | undefined;
  readonly whenUnlocked: <T>(attempt: () => Promise<T>) => Promise<T>;
}

type Use = (work: (db: MigrationDb) => Promise<void>) => Promise<void>;

interface Call {
  /** Null for a hook of the run as a whole. */
  readonly migration: HookMigration | null;
  /** What the hook is told beside what every hook is. */
  readonly facts: object;
  readonly use: Use;
  readonly signal: AbortSignal;
}

/** Compensation must not hang where what it undoes did. */
const afterFailureDeadlineMs = 30_000;

/** One run or rollback with its hooks, under the lock. */
export class HookedRun {
  readonly #options: HookedRunOptions;
  readonly #signal: AbortSignal;

  constructor(options: HookedRunOptions) {
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  /** Has `work` go on between the hooks of the run; it tells what it has performed as it goes. */
  async around(
    planned: readonly HookMigration[],
    work: (onPerformed: (migration: HookMigration) => void) => Promise<void>,
  ): Promise<void> {
    const performed: HookMigration[] = [];
    try {
      await this.#ofRun('beforeRun', planned, performed);
      await work((migration) => performed.push(migration));
      await this.#ofRun('afterRun', performed, performed);
    } catch (error) {
      await this.#afterFailure(performed, error);
      throw error;
    }
  }

  /** Calls a hook of one migration, as a part of the attempt on it; rejects with a `HookError`, or as the attempt does. */
  async ofEach(name: 'afterEach' | 'beforeEach', migration: HookMigration, attempt: MigrationAttempt): Promise<void> {
    const use: Use = (work) => attempt.use(work);
    await this.#call(name, { migration, facts: { migration }, use, signal: this.#signal });
  }

  async #ofRun(
    name: 'afterRun' | 'beforeRun',
    migrations: readonly HookMigration[],
    performed: readonly HookMigration[],
  ): Promise<void> {
    const { service, direction, session, database, signal, whenUnlocked } = this.#options;
    // Each statement is kept at once: one that waits for a lock is tried again alone.
    const use: Use = (work) => session.use((db) => work(patientDb(db, database.dialect, whenUnlocked)), signal);
    try {
      await this.#call(name, { migration: null, facts: { migrations: [...migrations] }, use, signal: this.#signal });
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (!(error instanceof HookError)) throw error;
      throw runHookFailed(
        { service, direction, error },
        performed.map((one) => one.name),
      );
    }
  }

  /** On a signal of its own: the run's may be what ended it. */
  async #afterFailure(performed: readonly HookMigration[], cause: unknown): Promise<void> {
    const { service, session, clock, logger } = this.#options;
    const onExpired = () => new Error(`it has not ended after ${afterFailureDeadlineMs} ms`);
    const facts = { migrations: [...performed], error: cause };
    const work = (signal: AbortSignal) => {
      const use: Use = (inner) => session.use(inner, signal);
      return this.#call('afterFailure', { migration: null, facts, use, signal });
    };
    try {
      await withDeadline(work, { deadlineMs: afterFailureDeadlineMs, clock, onExpired });
    } catch (error) {
      // The error that led here says more than this one.
      logger.warn('a hook failed after a run that failed', { service, error: messageOf(error) });
    }
  }

  async #call(name: HookName, call: Call): Promise<void> {
    const { hooks } = this.#options;
    for (const one of name.startsWith('before') ? hooks : hooks.toReversed()) await this.#callOne(name, one, call);
  }

  async #callOne(hook: HookName, { hooks, file }: KnownHooks, { migration, facts, use, signal }: Call): Promise<void> {
    const { service, direction, database, clock, logger, emit } = this.#options;
    const run = hooks[hook] as ((context: HookContext) => unknown) | undefined;
    if (run === undefined) return;
    signal.throwIfAborted();
    const about = { service, hook, name: migration?.name ?? null } as const;
    emit({ type: 'hook-started', ...about });
    const start = clock.monotonic();
    try {
      await use(async (db) => {
        const tracked = trackedDb(db);
        const context = { service, location: database.location, direction, logger, signal, ...facts, db: tracked.db };
        await unlessAborted(async () => {
          await run(context);
          await tracked.settled();
        }, signal);
      });
    } catch (error) {
      throw isAboutTheRun(error) ? error : new HookError(hook, file, error);
    }
    emit({ type: 'hook-finished', ...about, durationMs: Math.round(clock.monotonic() - start) });
  }
}

/** What the database says of the run as a whole, which no hook can correct. */
function isAboutTheRun(error: unknown): boolean {
  return (
    isMaestroError(error, 'MIGRATIONS_LOCKED') ||
    isMaestroError(error, 'MIGRATIONS_CONNECTION_LOST') ||
    isMaestroError(error, 'MIGRATIONS_LOCK_LOST')
  );
}
