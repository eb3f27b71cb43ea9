import { MaestroError } from '@maestro/core';

import type { SecretsErrorCode } from '../errors.ts';

type SecretsError = MaestroError<SecretsErrorCode>;

/** @param expected - what the value should be, never what it is */
export function notRotatable(name: string, expected: string): SecretsError {
  return new MaestroError('SECRETS_INVALID', `${name} cannot be rotated: expected ${expected}`, {
    hint: 'correct the secret in its store, or rotate it with another strategy',
    details: { name },
  });
}

/** @param login - whose password the rotation would change */
export function inUse(name: string, login: string, version: string): SecretsError {
  return new MaestroError(
    'SECRETS_IN_USE',
    `${name} is not rotated: version ${version}, which logs in as ${login}, is in use`,
    {
      hint: 'stop the slots that were started with that version (maestro status), then rotate again',
      details: { name, login, version },
    },
  );
}

export function loginMissing(database: string, login: string, how: string): SecretsError {
  return new MaestroError('SECRETS_LOGIN_MISSING', `${database} has no user ${login}`, {
    hint: `create it once, with the rights of the other one: ${how}`,
    details: { database, login },
  });
}

/** @param code - as the server names it: `28P01` */
export function loginRefused(database: string, login: string, problem: string, code: string): SecretsError {
  return new MaestroError('SECRETS_LOGIN_REFUSED', `${login} ${problem} (${code}) in ${database}`, {
    hint: 'the current version stays as it is; give the user the rights of the other one, then rotate again',
    details: { database, login, code },
  });
}

/** Neither the cause nor its message is kept: drivers put statements into both. */
export function databaseFailed(database: string, code: string): SecretsError {
  return new MaestroError('SECRETS_DATABASE_FAILED', `${database} did not do as it was asked: ${code}`, {
    hint: `see that it can be reached from here and that its log says nothing of ${code}, then rotate again`,
    details: { database, code },
    retryable: true,
  });
}

export function adminRefused(database: string, admin: string, code: string): SecretsError {
  return new MaestroError('SECRETS_DATABASE_FAILED', `${admin} may not change passwords in ${database}: ${code}`, {
    hint: 'give it the right that the README names, or rotate as another one',
    details: { database, admin, code },
  });
}

export function driverMissing(driver: string): SecretsError {
  return new MaestroError('SECRETS_DRIVER_MISSING', `the package ${driver} is not installed`, {
    hint: `npm install ${driver}, or pass connect with a driver of your own`,
    details: { driver },
  });
}

export function rotationTimedOut(store: string, name: string, deadlineMs: number): SecretsError {
  return new MaestroError(
    'SECRETS_UNAVAILABLE',
    `the rotation of ${name} in ${store} did not end within ${deadlineMs} ms`,
    {
      hint: 'rotate again: what was done of it is found, and it goes on from there',
      details: { store, name, deadlineMs },
      retryable: true,
    },
  );
}

export function serviceRotationTimedOut(
  store: string,
  name: string,
  version: string,
  deadlineMs: number,
): SecretsError {
  return new MaestroError(
    'SECRETS_UNAVAILABLE',
    `${store} did not make version ${version} of ${name} current within ${deadlineMs} ms`,
    {
      hint: "see the log of the secret's Lambda, then ask again: the rotation that was begun goes on",
      details: { store, name, version, deadlineMs },
      retryable: true,
    },
  );
}
