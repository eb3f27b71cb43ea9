import { isMaestroError, MaestroError } from '@maestro/core';

import type { NeedFailure } from './plan/needs.ts';

/** Every code this package throws; the README says what to do about each. */
export type SecretsErrorCode =
  | 'SECRETS_AMBIGUOUS_LINE'
  | 'SECRETS_BAD_REFERENCE'
  | 'SECRETS_COMMAND_NOT_STARTED'
  | 'SECRETS_CONFLICT'
  | 'SECRETS_CREDENTIALS'
  | 'SECRETS_DATABASE_FAILED'
  | 'SECRETS_DENIED'
  | 'SECRETS_ENGINE_FAILED'
  | 'SECRETS_ENGINE_UNREACHABLE'
  | 'SECRETS_DRIVER_MISSING'
  | 'SECRETS_IN_USE'
  | 'SECRETS_INVALID'
  | 'SECRETS_KEY_UNREADABLE'
  | 'SECRETS_LOGIN_MISSING'
  | 'SECRETS_LOGIN_REFUSED'
  | 'SECRETS_MISSING'
  | 'SECRETS_PENDING_DELETION'
  | 'SECRETS_REJECTED'
  | 'SECRETS_SOURCE_UNREADABLE'
  | 'SECRETS_UNAVAILABLE'
  | 'SECRETS_UNFIT_FOR_ENVIRONMENT'
  | 'SECRETS_UNKNOWN_SERVICE'
  | 'SECRETS_VERSION_GONE'
  | 'SECRETS_VOLUME_IN_USE';

type SecretsError = MaestroError<SecretsErrorCode>;
type FailureReason = NeedFailure['reason'];

const said: Readonly<Record<FailureReason, string>> = {
  missing: 'is missing',
  'key-missing': 'has no such key',
  empty: 'is empty',
  'pending-deletion': 'is marked for deletion',
  'version-gone': 'no longer has the version asked for',
  denied: 'may not be read',
  undecryptable: 'cannot be decrypted',
  unavailable: 'could not be read',
};

/** What no waiting cures comes first: of several failures the first of these decides on the code. */
const codes: readonly (readonly [FailureReason, SecretsErrorCode])[] = [
  ['missing', 'SECRETS_MISSING'],
  ['key-missing', 'SECRETS_MISSING'],
  ['empty', 'SECRETS_MISSING'],
  ['pending-deletion', 'SECRETS_PENDING_DELETION'],
  ['version-gone', 'SECRETS_VERSION_GONE'],
  ['denied', 'SECRETS_DENIED'],
  ['undecryptable', 'SECRETS_DENIED'],
  ['unavailable', 'SECRETS_UNAVAILABLE'],
];

/** What kept secrets from being given, all of it at once. */
export function notAvailable(store: string, failures: readonly NeedFailure[]): SecretsError {
  const { code, decisive } = judge(failures);
  const sentences = failures.map(({ need, reason }) => `${need.name} ${said[reason]}${whoNeeds(need)}`);
  const quoted = [...new Set(failures.flatMap(({ said }) => said ?? []))].map((text) => `; ${text}`).join('');
  const message = `${counted(failures.length)} not available from ${store}: ${sentences.join('; ')}${quoted}`;
  return new MaestroError(code, message, {
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

/** @param chain - names, from the secret asked for to the one whose reference is bad */
export function badReference(chain: readonly string[], problem: string): SecretsError {
  return new MaestroError('SECRETS_BAD_REFERENCE', `the secret ${chain.join(' -> ')}: ${problem}`, {
    hint: 'write a reference as {{maestro:name}} or {{maestro:name#key}}, to a secret that leads back to none of these',
    details: { chain },
  });
}

/** @param problems - what was asked for and where in it: `shop/db at port`, never what a schema says of a value */
export function invalidSecrets(problems: readonly string[]): SecretsError {
  return new MaestroError('SECRETS_INVALID', `not what the schema expects: ${problems.join('; ')}`, {
    hint: 'correct these secrets in their store, or the schema; what a schema says of a value is not repeated',
    details: { problems },
  });
}

/** Somebody else was faster, or it is there already; nothing has changed. */
export function conflict(store: string, name: string, problem: string): SecretsError {
  return new MaestroError('SECRETS_CONFLICT', `${name} in ${store}: ${problem}`, {
    hint: 'look at what it is now, and decide again',
    details: { store, name },
  });
}

export function pendingDeletion(store: string, name: string, hint: string): SecretsError {
  return new MaestroError('SECRETS_PENDING_DELETION', `${name} in ${store} is marked for deletion`, {
    hint,
    details: { store, name },
  });
}

/** What an upload would have to restore first; nothing has changed. */
export function pendingDeletions(store: string, names: readonly string[]): SecretsError {
  return new MaestroError('SECRETS_PENDING_DELETION', `marked for deletion in ${store}: ${names.join(', ')}`, {
    hint: 'maestro secrets upload --restore takes the deletion back, and then writes what differs',
    details: { store, names },
  });
}

/** What kept an upload from being finished, with how far it got; the code is the failure's own. */
export function uploadStopped(
  failure: unknown,
  {
    store,
    written,
    left,
  }: { readonly store: string; readonly written: readonly string[]; readonly left: readonly string[] },
): unknown {
  if (!isMaestroError(failure)) return failure;
  const { code, message, hint, details, retryable, cause } = failure;
  const told = written.length === 0 ? 'nothing' : written.join(', ');
  return new MaestroError(code, `${message}; written to ${store} before: ${told}; left: ${left.join(', ')}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, written, left },
    retryable,
    cause,
  });
}

export function commandNotStarted(command: string, problem: string): SecretsError {
  return new MaestroError('SECRETS_COMMAND_NOT_STARTED', `cannot start ${command}: ${problem}`, {
    hint: `check that it is there and may be run: command -v ${command}`,
    details: { command },
  });
}

export function missing(store: string, name: string): SecretsError {
  return new MaestroError('SECRETS_MISSING', `${name} is not in ${store}`, {
    hint: genericHint('SECRETS_MISSING', store),
    details: { store, name },
  });
}

/** What the store does not take, known before it was asked. */
export function rejected(store: string, name: string, problem: string): SecretsError {
  return new MaestroError('SECRETS_REJECTED', `${name} cannot be kept in ${store}: ${problem}`, {
    hint: 'choose another name, or keep what is larger elsewhere and only its key here',
    details: { store, name },
  });
}

function judge(failures: readonly NeedFailure[]): { code: SecretsErrorCode; decisive: Pick<NeedFailure, 'hint'> } {
  for (const [reason, code] of codes) {
    const decisive = failures.find((failure) => failure.reason === reason);
    if (decisive !== undefined) return { code, decisive };
  }
  return { code: 'SECRETS_UNAVAILABLE', decisive: {} };
}

function genericHint(code: SecretsErrorCode, store: string): string {
  if (code === 'SECRETS_MISSING') return `put these names into ${store}`;
  if (code === 'SECRETS_VERSION_GONE') return `restore it in ${store}, or leave its version out to take today's`;
  return `check that ${store} can be reached and read from here`;
}

function whoNeeds({ services, through }: NeedFailure['need']): string {
  const parts = [
    services.length === 0 ? '' : `needed by ${services.join(', ')}`,
    through.length === 0 ? '' : `referred to by ${through.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function counted(count: number): string {
  return count === 1 ? '1 secret is' : `${count} secrets are`;
}
