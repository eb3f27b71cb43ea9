import { type Clock, Redacted, withDeadline } from '@maestro/core';
import { z } from 'zod';

import { mayBeAsked } from './addresses.ts';
import { expectStatus } from './answers.ts';
import { type Challenge, parseChallenges } from './challenges.ts';
import { basicAuthorization, type CredentialSource } from './credentials.ts';
import { noAnswer, unauthorized, unexpectedAnswer } from './errors.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { Permission } from './permission.ts';
import { type FetchedToken, TokenCache } from './token-cache.ts';

export interface AuthenticationOptions {
  readonly registry: URL;
  /** None: anonymous. */
  readonly credentials: CredentialSource | undefined;
  readonly http: Http;
  readonly clock: Clock;
}

const deadlineMs = 30_000;
const limitBytes = 1024 * 1024;
// As https://distribution.github.io/distribution/spec/auth/token/ says, for a service that does not tell.
const defaultLifetimeSeconds = 60;

/** Only what a header can hold. */
const token = z.string().regex(/^[\x21-\x7e]+$/);
const tokenSchema = z
  .object({ token: token.optional(), access_token: token.optional(), expires_in: z.number().optional() })
  .refine((answer) => answer.token !== undefined || answer.access_token !== undefined);

/** Knows how the registry wants to be asked, and asks nobody else with the credentials but the token service it names. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #tokens: TokenCache;
  /** How requests are authorized without being asked to, once the registry has said so. */
  #challenge: Challenge | undefined;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#tokens = new TokenCache(options.clock);
  }

  /** The header to send, as far as it is known what the registry wants. */
  async authorization(permission: Permission): Promise<Redacted | undefined> {
    if (this.#challenge === undefined) return undefined;
    if (this.#challenge.scheme !== 'bearer') return this.#basic();
    return this.#token(permission, this.#challenge, permission.scopes);
  }

  /** The header to send after an answer of 401 to `refused`. Throws `IMAGE_STORE_UNAUTHORIZED` where there is no other. */
  async renewed(permission: Permission, answer: HttpAnswer, refused: Redacted | undefined): Promise<Redacted> {
    const challenges = parseChallenges(answer.header('www-authenticate') ?? '');
    const find = (scheme: string) => challenges.find((challenge) => challenge.scheme === scheme);
    const challenge = find('bearer') ?? find('basic');
    if (challenge === undefined) throw unauthorized(permission, 'the registry does not say how to log in');
    this.#challenge = challenge;
    if (challenge.scheme === 'bearer') {
      // It may want more than the protocol says.
      const wanted = challenge.parameters.scope?.split(' ') ?? [];
      return this.#token(permission, challenge, [...new Set([...permission.scopes, ...wanted])], refused);
    }
    const basic = await this.#basic();
    if (basic === undefined) throw unauthorized(permission, 'the registry wants a login, and there are no credentials');
    if (basic.reveal() === refused?.reveal()) throw unauthorized(permission, 'the registry refuses the login');
    return basic;
  }

  async #basic(): Promise<Redacted | undefined> {
    const { credentials, registry } = this.#options;
    const found = await credentials?.(registry.host);
    return found !== undefined && 'username' in found ? basicAuthorization(found.username, found.password) : undefined;
  }

  #token(
    permission: Permission,
    challenge: Challenge,
    scopes: readonly string[],
    refused?: Redacted,
  ): Promise<Redacted> {
    const fetch = () => this.#fetchToken(permission, challenge, scopes);
    return this.#tokens.get(permission.scopes.join(' '), fetch, refused);
  }

  /** All who wait for the token share it, so that it is not for the signal of one of them to end. */
  async #fetchToken(permission: Permission, challenge: Challenge, scopes: readonly string[]): Promise<FetchedToken> {
    const { http, clock } = this.#options;
    const request = await this.#tokenRequest(permission, challenge, scopes);
    const answer = await withDeadline((signal) => http(request, signal), {
      deadlineMs,
      clock,
      onExpired: () => noAnswer(request, deadlineMs),
    });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      throw unauthorized(permission, `the token service ${request.url.host} answered with ${answer.status}`);
    }
    return tokenOf(expectStatus(answer, [200]));
  }

  async #tokenRequest(
    permission: Permission,
    { parameters }: Challenge,
    scopes: readonly string[],
  ): Promise<HttpRequest> {
    const { registry, credentials } = this.#options;
    const { realm = '', service } = parameters;
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    if (url === undefined || !mayBeAsked(url, { registry })) {
      throw unauthorized(permission, 'the token service that the registry names is not reached by https');
    }
    const found = await credentials?.(registry.host);
    if (found !== undefined && 'identityToken' in found) {
      const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'maestro', scope: scopes.join(' ') });
      body.set('refresh_token', found.identityToken.reveal());
      if (service !== undefined) body.set('service', service);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { method: 'POST', url, headers, body: body.toString(), limitBytes };
    }
    if (service !== undefined) url.searchParams.set('service', service);
    for (const scope of scopes) url.searchParams.append('scope', scope);
    const login = found === undefined ? undefined : basicAuthorization(found.username, found.password);
    const headers = login === undefined ? {} : { authorization: login.reveal() };
    return { method: 'GET', url, headers, limitBytes };
  }
}

/** What could not be read is not shown: it may be the token. */
function tokenOf(answer: HttpAnswer): FetchedToken {
  let found: z.infer<typeof tokenSchema>;
  try {
    found = tokenSchema.parse(JSON.parse(answer.body.toString('utf8')));
  } catch {
    throw unexpectedAnswer(answer, 'expected a token in JSON');
  }
  const { token: value = found.access_token ?? '', expires_in: seconds = defaultLifetimeSeconds } = found;
  return { authorization: new Redacted(`Bearer ${value}`), lifetimeMs: seconds * 1000 };
}
