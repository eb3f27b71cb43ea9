import { MaestroError, messageOf } from '@maestro/core';

import type { MigrationsErrorCode } from './errors.ts';

/** What an adapter throws when somebody else holds the database, or a part of it, at this moment. */
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

/** What an adapter throws when the server is gone in the middle of something. */
export function connectionLost(location: string, cause: unknown) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_CONNECTION_LOST',
    `${location}: the connection was lost: ${messageOf(cause)}`,
    {
      hint: 'run again: what the history says then is true, and only what is left runs',
      details: { location },
      retryable: true,
      cause,
    },
  );
}

/** The same with the migration that ran. */
export function ofMigration(service: string, name: string, error: MaestroError<MigrationsErrorCode>) {
  return new MaestroError<MigrationsErrorCode>(error.code, `${service}: ${name}: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, service, name },
    retryable: error.retryable,
    cause: error,
  });
}

/** What an adapter throws when its lease ran out under it. */
export function lockLost(location: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_LOCK_LOST',
    `${location}: the lease that keeps others out could not be renewed in time`,
    {
      hint: 'see whether the database answers slowly, then run again: only what is left runs',
      details: { location },
      retryable: true,
    },
  );
}
