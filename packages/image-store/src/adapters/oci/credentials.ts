import { Redacted } from '@maestro/core';

/** What proves to a registry who asks: a password, or a token of `docker login` that its token service exchanges. */
export type Credentials =
  { readonly username: string; readonly password: Redacted } | { readonly identityToken: Redacted };

export interface CredentialQuestion {
  /** What the source gave out before and the registry did not accept: time to look for others. */
  readonly refused?: Credentials | undefined;
}

/**
 * Finds the credentials for a registry, `registry.example.com:5000`; undefined where there are none. It is asked for
 * each login, so it remembers what is costly to find.
 */
export type CredentialSource = (registry: string, question?: CredentialQuestion) => Promise<Credentials | undefined>;

export function sameCredentials(one: Credentials, other: Credentials): boolean {
  if ('username' in one && 'username' in other) {
    return one.username === other.username && one.password.reveal() === other.password.reveal();
  }
  if (!('identityToken' in one && 'identityToken' in other)) return false;
  return one.identityToken.reveal() === other.identityToken.reveal();
}

/** The value of an `Authorization` header. */
export function basicAuthorization(username: string, password: Redacted): Redacted {
  const encoded = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
  return new Redacted(`Basic ${encoded}`);
}
