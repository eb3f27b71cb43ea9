import { MaestroError } from '@maestro/core';

import type { NeedFailure } from './plan/needs.ts';

/** Every code this package throws; the README says what to do about each. */
export type SecretsErrorCode =
  | 'SECRETS_AMBIGUOUS_LINE'
  | 'SECRETS_KEY_UNREADABLE'
  | 'SECRETS_MISSING'
  | 'SECRETS_SOURCE_UNREADABLE'
  | 'SECRETS_UNAVAILABLE'
  | 'SECRETS_UNFIT_FOR_ENVIRONMENT'
  | 'SECRETS_UNKNOWN_SERVICE'
  | 'SECRETS_VERSION_GONE';

type SecretsError = MaestroError<SecretsErrorCode>;

const said: Readonly<Record<NeedFailure['reason'], string>> = {
  missing: 'is missing',
  empty: 'is empty',
  denied: 'may not be read',
  unavailable: 'could not be read',
  'version-gone': 'no longer has the version asked for',
};

/** What kept the secrets of a release from being prepared, all of it at once. */
export function notPrepared(store: string, failures: readonly NeedFailure[]): SecretsError {
  const { code, decisive } = judge(failures);
  const sentences = failures.map(
    ({ need, reason }) => `${need.name} ${said[reason]} (needed by ${need.services.join(', ')})`,
  );
  return new MaestroError(code, `${counted(failures.length)} not available from ${store}: ${sentences.join('; ')}`, {
    hint: decisive.hint ?? genericHint(code, store),
    details: {
      store,
      failures: failures.map(({ need, reason }) => ({ name: need.name, reason, services: need.services })),
    },
    retryable: failures.every(({ reason }) => reason === 'unavailable'),
  });
}

export function timedOut(store: string, deadlineMs: number, names: readonly string[]): SecretsError {
  return new MaestroError(
    'SECRETS_UNAVAILABLE',
    `${store} did not answer within ${deadlineMs} ms; asked for ${names.join(', ')}`,
    {
      hint: genericHint('SECRETS_UNAVAILABLE', store),
      details: { store, deadlineMs, names },
      retryable: true,
    },
  );
}

export function unknownService(service: string, known: readonly string[]): SecretsError {
  return new MaestroError('SECRETS_UNKNOWN_SERVICE', `no secrets were prepared for the service "${service}"`, {
    hint: known.length === 0 ? 'pass it to prepareSecrets' : `prepared were: ${known.join(', ')}`,
    details: { service, known },
  });
}

export function unfitForEnvironment(name: string, problem: string): SecretsError {
  return new MaestroError(
    'SECRETS_UNFIT_FOR_ENVIRONMENT',
    `the secret "${name}" cannot be an environment variable: ${problem}`,
    { hint: 'hand it to the service in a file, or encode it (base64)', details: { name } },
  );
}

/** What no waiting cures decides: a missing secret before a lost version, that before trouble with the store. */
function judge(failures: readonly NeedFailure[]): { code: SecretsErrorCode; decisive: Pick<NeedFailure, 'hint'> } {
  const missing = failures.find(({ reason }) => reason === 'missing' || reason === 'empty');
  if (missing !== undefined) return { code: 'SECRETS_MISSING', decisive: missing };
  const gone = failures.find(({ reason }) => reason === 'version-gone');
  if (gone !== undefined) return { code: 'SECRETS_VERSION_GONE', decisive: gone };
  const denied = failures.find(({ reason }) => reason === 'denied');
  return { code: 'SECRETS_UNAVAILABLE', decisive: denied ?? failures[0] ?? {} };
}

function genericHint(code: SecretsErrorCode, store: string): string {
  if (code === 'SECRETS_MISSING') return `put these names into ${store}`;
  if (code === 'SECRETS_VERSION_GONE') return `restore it in ${store}, or leave its version out to take today's`;
  return `check that ${store} can be reached and read from here`;
}

function counted(count: number): string {
  return count === 1 ? '1 secret is' : `${count} secrets are`;
}
