import { type Clock, type Redacted, withDeadline } from '@maestro/core';

import { expectStatus } from './answers.ts';
import { type Challenge, parseChallenges } from './challenges.ts';
import { basicAuthorization, type Credentials, type CredentialSource, sameCredentials } from './credentials.ts';
import { noAnswer, unauthorized } from './errors.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { Permission } from './permission.ts';
import { type Fetched, TokenCache } from './token-cache.ts';
import { tokenOf, tokenRequest } from './token-request.ts';

export interface AuthenticationOptions {
  readonly registry: URL;
  /** None: anonymous. */
  readonly credentials: CredentialSource | undefined;
  readonly http: Http;
  readonly clock: Clock;
}

const deadlineMs = 30_000;

/** Knows how the registry wants to be asked, and asks nobody else with the credentials but the token service it names. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #tokens: TokenCache<Redacted>;
  /** What the headers with a password were made of. */
  readonly #logins = new WeakMap<Redacted, Credentials>();
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
    const basic = await this.#basic(refused);
    if (basic === undefined) throw unauthorized(permission, 'the registry wants a login, and there are no credentials');
    if (basic.reveal() === refused?.reveal()) throw unauthorized(permission, 'the registry refuses the login');
    return basic;
  }

  async #basic(refused?: Redacted): Promise<Redacted | undefined> {
    const login = await this.#login(refused && this.#logins.get(refused));
    if (login === undefined || !('username' in login)) return undefined;
    const basic = basicAuthorization(login.username, login.password);
    this.#logins.set(basic, login);
    return basic;
  }

  async #login(refused?: Credentials): Promise<Credentials | undefined> {
    const { credentials, registry } = this.#options;
    return credentials?.(registry.host, { refused });
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

  async #fetchToken(
    permission: Permission,
    challenge: Challenge,
    scopes: readonly string[],
  ): Promise<Fetched<Redacted>> {
    const ask = (login: Credentials | undefined) => this.#ask(tokenRequest({ permission, challenge, scopes, login }));
    const login = await this.#login();
    let answer = await ask(login);
    if (answer.status === 401 && login !== undefined) {
      const other = await this.#login(login);
      if (other !== undefined && !sameCredentials(login, other)) answer = await ask(other);
    }
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      throw unauthorized(permission, `the token service ${answer.url.host} answered with ${answer.status}`);
    }
    return tokenOf(expectStatus(answer, [200]));
  }

  /** All who wait for the token share it, so that it is not for the signal of one of them to end. */
  #ask(request: HttpRequest): Promise<HttpAnswer> {
    const { http, clock } = this.#options;
    return withDeadline((signal) => http(request, signal), {
      deadlineMs,
      clock,
      onExpired: () => noAnswer(request, deadlineMs),
    });
  }
}
