import { MaestroError, messageOf } from '@maestro/core';

import type { UnfinishedMigration } from './ports/migration-database.ts';

/** What can go wrong; the README says when each happens and what to do. */
export type MigrationsErrorCode =
  | 'MIGRATIONS_ADOPTION_REFUSED'
  | 'MIGRATIONS_BAD_FILES'
  | 'MIGRATIONS_BAD_NAME'
  | 'MIGRATIONS_BAD_TARGET'
  | 'MIGRATIONS_BATCH_REFUSED'
  | 'MIGRATIONS_CONFLICT'
  | 'MIGRATIONS_CONNECTION_LOST'
  | 'MIGRATIONS_DATABASE_FAILED'
  | 'MIGRATIONS_DRIFTED'
  | 'MIGRATIONS_DUMP_FAILED'
  | 'MIGRATIONS_EXPAND_FIRST'
  | 'MIGRATIONS_FAILED'
  | 'MIGRATIONS_HOOK_FAILED'
  | 'MIGRATIONS_IRREVERSIBLE'
  | 'MIGRATIONS_LOCKED'
  | 'MIGRATIONS_LOCK_LOST'
  | 'MIGRATIONS_MISSING'
  | 'MIGRATIONS_NOTHING_TO_ADOPT'
  | 'MIGRATIONS_NOTHING_TO_REPAIR'
  | 'MIGRATIONS_PLAN_CHANGED'
  | 'MIGRATIONS_UNFINISHED'
  | 'MIGRATIONS_UNKNOWN'
  | 'MIGRATIONS_UNSAFE';

export function badFiles(folder: string, problems: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_BAD_FILES',
    `${folder}: migrations that cannot be used\n${indented(problems)}`,
    {
      hint: 'expected are NNNN_name.up.sql with an optional NNNN_name.down.sql, or NNNN_name.ts, .js or .mjs',
      details: { folder, problems },
    },
  );
}

export function badName(name: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_BAD_NAME',
    `a migration cannot be named '${name}': expected a name with letters or digits from a to z and 0 to 9`,
    { hint: "describe the change in a few words, such as 'add users table'", details: { name } },
  );
}

export function badTarget(service: string, expected: string) {
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_BAD_TARGET', `${service}: ${expected}`, {
    hint: `see the names with: maestro migrate status --service ${service}`,
    details: { service },
  });
}

export function drifted(service: string, names: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_DRIFTED',
    `${service}: changed since they were applied: ${names.join(', ')}`,
    {
      hint: 'restore these files from version control and put the change into a new migration',
      details: { service, names },
    },
  );
}

/** Of a migration that was partly applied. */
export function driftedStatements(service: string, { name, done, total }: UnfinishedMigration) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_DRIFTED',
    `${service}: ${name}: of its ${total} statements the first ${done} were done, and have changed since`,
    {
      hint: 'restore these statements from version control; those after them may be corrected',
      details: { service, names: [name], done, total },
    },
  );
}

export function missing(service: string, names: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_MISSING',
    `${service}: applied to the database, but without a file: ${names.join(', ')}`,
    {
      hint: 'restore these files, or run from the version of the code that has them',
      details: { service, names },
    },
  );
}

export function irreversible(service: string, reasons: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_IRREVERSIBLE',
    `${service}: cannot be rolled back, nothing was touched\n${indented(reasons)}`,
    {
      hint: 'write what is missing, or roll back fewer migrations, or write a new migration that goes forward',
      details: { service, reasons },
    },
  );
}

export function conflict(service: string, expected: string, found: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_CONFLICT',
    `${service}: ${found} was applied by somebody else during the rollback; expected ${expected} to be the newest`,
    {
      hint: `look again before you go on: maestro migrate status --service ${service}`,
      details: { service, expected, found },
    },
  );
}

export function expandFirst(service: string, contract: string, pending: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_EXPAND_FIRST',
    `${service}: ${contract} contracts, but expand migrations before it are pending: ${pending.join(', ')}`,
    {
      hint: `apply them first: maestro migrate run --phase expand --service ${service}`,
      details: { service, contract, pending },
    },
  );
}

export function planChanged(service: string, expected: string, found: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_PLAN_CHANGED',
    `${service}: expected the plan ${expected}, but files and history now make ${found}`,
    {
      hint: `look at what would run now: maestro migrate run --dry-run --service ${service}`,
      details: { service, expected, found },
    },
  );
}

export function unknownOutcome(service: string, unfinished: UnfinishedMigration) {
  const { name, done, total, unknown } = unfinished;
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_UNKNOWN',
    `${service}: ${name}: nobody knows whether statement ${done + 1} of ${total} was done: ${unknown?.sql ?? ''}`,
    {
      hint:
        'look into the database, then say so: ' +
        `maestro migrate repair --applied ${name}, or --retry ${name}, with --service ${service}`,
      details: { service, name, done, total },
    },
  );
}

export function unfinished(service: string, { name, direction, done, total }: UnfinishedMigration) {
  const verb = direction === 'up' ? 'run' : 'rollback';
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_UNFINISHED',
    `${service}: ${name} is half ${direction === 'up' ? 'applied' : 'reverted'}: ${done} of ${total} statements`,
    {
      hint: `finish it first: maestro migrate ${verb} --service ${service}`,
      details: { service, name, direction, done, total },
    },
  );
}

export function nothingToRepair(service: string, name: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_NOTHING_TO_REPAIR',
    `${service}: ${name} has no statement of which nobody knows whether it was done`,
    {
      hint: `see what is unfinished: maestro migrate status --service ${service}`,
      details: { service, name },
    },
  );
}

/** Of a run or rollback that went well itself. */
export function dumpFailed(service: string, file: string, cause: unknown) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_DUMP_FAILED',
    `${service}: the migrations went well, but the schema could not be written to ${file}: ${messageOf(cause)}`,
    { hint: 'correct that and run again: nothing is applied twice', details: { service, file }, cause },
  );
}

export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
