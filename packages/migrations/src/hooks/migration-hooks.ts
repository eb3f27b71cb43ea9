import type { MigrationDirection } from '../events.ts';
import type { Phase } from '../files/directives.ts';
import type { MigrationContext } from '../step.ts';

/** What every hook is called with. */
export interface HookContext extends MigrationContext {
  readonly service: string;
  /** Names the database; holds no credentials. */
  readonly location: string;
  /** Whether migrations are applied or reverted. */
  readonly direction: MigrationDirection;
  /** Aborts when the run does. */
  readonly signal: AbortSignal;
}

export interface HookMigration {
  readonly name: string;
  readonly phase: Phase;
}

export interface RunHookContext extends HookContext {
  /** In order: in `beforeRun` those about to be applied or reverted, afterwards those that were. */
  readonly migrations: readonly HookMigration[];
}

export interface EachHookContext extends HookContext {
  readonly migration: HookMigration;
}

export interface FailureHookContext extends RunHookContext {
  /** Why the run failed, such as a `MaestroError` with the code `MIGRATIONS_FAILED`; the signal's reason when it was aborted. */
  readonly error: unknown;
}

/**
 * Code of the project's that is called at fixed points of a run or rollback: under the lock, and only where there is
 * something to apply or revert. What a hook throws stops the run with `MIGRATIONS_HOOK_FAILED`.
 */
export interface MigrationHooks {
  /** Before the first migration, outside of any transaction: nothing was applied when it throws. */
  readonly beforeRun?: ((context: RunHookContext) => unknown) | undefined;
  /** In the migration's transaction, before its statements. It is called again where the migration is tried again. */
  readonly beforeEach?: ((context: EachHookContext) => unknown) | undefined;
  /** In the migration's transaction, after its statements: a migration is recorded only once this has come to its end. */
  readonly afterEach?: ((context: EachHookContext) => unknown) | undefined;
  /** After the last migration, outside of any transaction: what was applied stays applied when it throws. */
  readonly afterRun?: ((context: RunHookContext) => unknown) | undefined;
  /** Instead of what is left, when anything failed or was aborted from `beforeRun` on; what it throws is logged. */
  readonly afterFailure?: ((context: FailureHookContext) => unknown) | undefined;
}

export type HookName = keyof MigrationHooks;

export const hookNames = [
  'beforeRun',
  'beforeEach',
  'afterEach',
  'afterRun',
  'afterFailure',
] as const satisfies readonly HookName[];
