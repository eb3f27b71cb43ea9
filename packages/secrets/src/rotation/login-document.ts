import { Redacted } from '@maestro/core';

import type { DatabaseLogin } from '../ports/login-database.ts';
import type { NamedSecret } from '../ports/rotation-strategy.ts';
import { notRotatable } from './errors.ts';

/** The login in a secret that is a JSON object, as AWS's own for databases are. Throws `SECRETS_INVALID`. */
export function loginIn(secret: NamedSecret): DatabaseLogin {
  const { username, password } = documentIn(secret);
  if (!isText(username) || !isText(password)) throw notALogin(secret.name);
  return { username, password: new Redacted(password) };
}

/** The same secret with another login; whatever else is in it stays. */
export function withLogin(secret: NamedSecret, { username, password }: DatabaseLogin): Redacted {
  return new Redacted(JSON.stringify({ ...documentIn(secret), username, password: password.reveal() }));
}

function documentIn({ name, value }: NamedSecret): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(value.reveal());
  } catch {
    // The parser's message quotes the secret.
    throw notALogin(name);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw notALogin(name);
  return document as Readonly<Record<string, unknown>>;
}

/** No server takes a NUL in either of them. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function notALogin(name: string) {
  return notRotatable(name, 'a JSON object with "username" and "password"');
}
