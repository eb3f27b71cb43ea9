import { MaestroError, messageOf } from '@maestro/core';

import type { MigrationsErrorCode } from '../errors.ts';
import type { MigrationDirection } from '../events.ts';
import type { UnfinishedMigration } from '../ports/migration-database.ts';
import type { HookName } from './migration-hooks.ts';

/** A hook failed; what became of the migrations is told by whoever called it. */
export class HookError extends Error {
  readonly hook: HookName;
  /** Undefined where it was given in code. */
  readonly file: string | undefined;

  constructor(hook: HookName, file: string | undefined, cause: unknown) {
    super(`${file === undefined ? 'the hook ' : `${file}: `}${hook}: ${messageOf(cause)}`, { cause });
    this.hook = hook;
    this.file = file;
  }
}

interface HookFailure {
  readonly service: string;
  readonly direction: MigrationDirection;
  readonly error: HookError;
}

/** Of `beforeRun`, or of `afterRun`, whose migrations are kept. */
export function runHookFailed({ service, direction, error }: HookFailure, performed: readonly string[]) {
  const done = direction === 'up' ? 'applied' : 'reverted';
  const isAfter = error.hook === 'afterRun';
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_HOOK_FAILED', `${service}: ${error.message}`, {
    hint: isAfter
      ? `${countOf(performed)} ${done}, and the next run does not call it for them: do what it was to do, correct it, ` +
        `see: maestro migrate status --service ${service}`
      : `nothing was ${done}: correct the hook, then: ${again(service, direction)}`,
    details: { service, ...placeOf(error), performed },
    cause: error.cause,
  });
}

/** Of `beforeEach` or `afterEach`; `kept` is what was kept of the migration, undefined for nothing. */
export function eachHookFailed(
  { service, direction, error }: HookFailure,
  name: string,
  kept: UnfinishedMigration | undefined,
) {
  const what =
    kept === undefined
      ? 'nothing of this migration was kept'
      : `${kept.done} of its ${kept.total} statements were kept, and are not done again`;
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_HOOK_FAILED', `${service}: ${name}: ${error.message}`, {
    hint: `${what}: correct the hook, then: ${again(service, direction)}`,
    details: {
      service,
      name,
      ...placeOf(error),
      ...(kept === undefined ? {} : { done: kept.done, total: kept.total }),
    },
    cause: error.cause,
  });
}

function placeOf({ hook, file }: HookError) {
  return { hook, ...(file === undefined ? {} : { file }) };
}

function again(service: string, direction: MigrationDirection): string {
  return `maestro migrate ${direction === 'up' ? 'run' : 'rollback'} --service ${service}`;
}

function countOf({ length }: readonly string[]): string {
  return length === 1 ? '1 migration stays' : `${length} migrations stay`;
}
