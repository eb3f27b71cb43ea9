import { MaestroError, messageOf } from '@maestro/core';

/** What can go wrong; the README says when each happens and what to do. */
export type MigrationsErrorCode =
  | 'MIGRATIONS_BAD_FILES'
  | 'MIGRATIONS_BAD_NAME'
  | 'MIGRATIONS_BAD_TARGET'
  | 'MIGRATIONS_CONFLICT'
  | 'MIGRATIONS_DATABASE_FAILED'
  | 'MIGRATIONS_DRIFTED'
  | 'MIGRATIONS_FAILED'
  | 'MIGRATIONS_IRREVERSIBLE'
  | 'MIGRATIONS_LOCKED'
  | 'MIGRATIONS_MISSING';

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

/** What an adapter throws when somebody else holds the database at this moment. */
export function databaseLocked(location: string, hint: string, cause?: unknown) {
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_LOCKED', `${location} is locked by another connection`, {
    hint,
    details: { location },
    retryable: true,
    cause,
  });
}

/** What a caller sees when the database stayed locked. */
export function stillLocked(service: string, waitedMs: number, last: MaestroError<'MIGRATIONS_LOCKED'>) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_LOCKED',
    `${service}: ${last.message}, waited ${waitedMs} ms for it`,
    {
      ...(last.hint === undefined ? {} : { hint: last.hint }),
      details: { ...last.details, service, waitedMs },
      retryable: true,
      cause: last,
    },
  );
}

export function databaseFailed(location: string, cause: unknown) {
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_DATABASE_FAILED', `${location}: ${messageOf(cause)}`, {
    hint: 'check that the database exists, is of the expected kind and may be written by this user',
    details: { location },
    cause,
  });
}

export interface FailureFacts {
  readonly service: string;
  readonly name: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly cause: unknown;
}

export function migrationFailed({ service, name, file, line, cause }: FailureFacts) {
  const place = line === undefined ? file : `${file}:${line}`;
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_FAILED', `${service}: ${place}: ${messageOf(cause)}`, {
    hint: 'nothing of this migration was kept: correct the file and run again',
    details: { service, name, file, ...(line === undefined ? {} : { line }) },
    cause,
  });
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
