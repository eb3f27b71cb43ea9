import { Redacted } from '@maestro/core';
import { z } from 'zod';

import { mayBeAsked } from './addresses.ts';
import type { Challenge } from './challenges.ts';
import { basicAuthorization, type Credentials } from './credentials.ts';
import { unauthorized, unexpectedAnswer } from './errors.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { Permission } from './permission.ts';
import type { Fetched } from './token-cache.ts';

export interface TokenQuestion {
  readonly permission: Permission;
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly login: Credentials | undefined;
}

const limitBytes = 1024 * 1024;
// As https://distribution.github.io/distribution/spec/auth/token/ says, for a service that does not tell.
const defaultLifetimeSeconds = 60;
// A token must also live through the request that carries it.
const usedShare = 0.8;

/** Only what a header can hold. */
const token = z.string().regex(/^[\x21-\x7e]+$/);
const tokenSchema = z
  .object({ token: token.optional(), access_token: token.optional(), expires_in: z.number().optional() })
  .refine((answer) => answer.token !== undefined || answer.access_token !== undefined);

/** What to ask the token service that a registry names. Throws `IMAGE_STORE_UNAUTHORIZED` where it must not be asked. */
export function tokenRequest({ permission, challenge, scopes, login }: TokenQuestion): HttpRequest {
  const { realm = '', service } = challenge.parameters;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url === undefined || !mayBeAsked(url, permission)) {
    throw unauthorized(permission, 'the token service that the registry names is not reached by https');
  }
  if (login !== undefined && 'identityToken' in login) {
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'maestro', scope: scopes.join(' ') });
    body.set('refresh_token', login.identityToken.reveal());
    if (service !== undefined) body.set('service', service);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url, headers, body: body.toString(), limitBytes };
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const basic = login === undefined ? undefined : basicAuthorization(login.username, login.password);
  const headers = basic === undefined ? {} : { authorization: basic.reveal() };
  return { method: 'GET', url, headers, limitBytes };
}

/** The header to send. What could not be read is not shown: it may be the token. */
export function tokenOf(answer: HttpAnswer): Fetched<Redacted> {
  let found: z.infer<typeof tokenSchema>;
  try {
    found = tokenSchema.parse(JSON.parse(answer.body.toString('utf8')));
  } catch {
    throw unexpectedAnswer(answer, 'expected a token in JSON');
  }
  const { token: value = found.access_token ?? '', expires_in: seconds = defaultLifetimeSeconds } = found;
  return { value: new Redacted(`Bearer ${value}`), usableMs: seconds * 1000 * usedShare };
}
