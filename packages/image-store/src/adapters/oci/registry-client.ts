import { type Clock, type Logger, type Redacted, withDeadline } from '@maestro/core';

import type { Cancellable } from '../../ports/image-store.ts';
import { mayBeAsked, shown } from './addresses.ts';
import { expectAvailable } from './answers.ts';
import { Authentication } from './authentication.ts';
import { parseChallenges } from './challenges.ts';
import type { CredentialSource } from './credentials.ts';
import { denied, noAnswer, unauthorized, unexpectedAnswer, unreachable } from './errors.ts';
import { type HttpAnswer, type HttpRequest, openHttp } from './http.ts';
import { type Permission, type PermissionOptions, permissionTo } from './permission.ts';
import { retrying } from './retrying.ts';

export interface RegistryRequest extends Omit<PermissionOptions, 'registry'>, Cancellable {
  readonly method: HttpRequest['method'];
  /** Below `/v2/<repository>/`, or where the registry said to go on. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** The longest body of an answer, where it is not a document. */
  readonly limitBytes?: number | undefined;
}

export interface RegistryClientOptions {
  readonly registry: URL;
  readonly credentials: CredentialSource | undefined;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Each answer has this long, and besides the time that a slow connection takes for a blob. */
const answerMs = 30_000;
const slowBytesPerMs = 100;

/** What registries accept as a manifest at least, so that none is longer. */
const documentBytes = 4 * 1024 * 1024;
const redirects = 5;

/** Speaks with one registry: logs in, follows redirects, ends each request in time and repeats it where that may help. */
export class RegistryClient {
  readonly #registry: URL;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #http;
  readonly #authentication: Authentication;

  constructor({ registry, credentials, ca, clock, logger }: RegistryClientOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#logger = logger;
    this.#http = openHttp({ ca });
    this.#authentication = new Authentication({ registry, credentials, http: this.#http, clock });
  }

  /** For requests that may be sent twice; throws what `once` throws. */
  request(request: RegistryRequest): Promise<HttpAnswer> {
    return this.retrying(() => this.once(request), request);
  }

  /** Repeats `work`, which may consist of several requests. */
  retrying<T>(work: () => Promise<T>, { signal }: Cancellable): Promise<T> {
    return retrying(work, { clock: this.#clock, logger: this.#logger, signal });
  }

  /**
   * Sends one request, and again if the registry wants a login first. Throws `IMAGE_STORE_UNREACHABLE`,
   * `IMAGE_STORE_UNAUTHORIZED`, `IMAGE_STORE_DENIED`; other statuses are for the caller to judge.
   */
  async once(request: RegistryRequest): Promise<HttpAnswer> {
    const { method, target, repository, headers, body, limitBytes } = request;
    const url = new URL(target, new URL(`/v2/${repository}/`, this.#registry));
    const sent = { method, url, headers, body, limitBytes: limitBytes ?? documentBytes };
    const permission = permissionTo({ ...request, registry: this.#registry });
    const deadlineMs = answerMs + Math.ceil(((body?.byteLength ?? 0) + (limitBytes ?? 0)) / slowBytesPerMs);
    return withDeadline((signal) => this.#authorized(sent, permission, signal), {
      deadlineMs,
      clock: this.#clock,
      signal: request.signal,
      onExpired: () => noAnswer(sent, deadlineMs),
    });
  }

  /** Where a `Location` of an answer leads to. Throws `IMAGE_STORE_UNEXPECTED_ANSWER` where nobody must be asked. */
  locationOf(answer: HttpAnswer): URL {
    const location = answer.header('location') ?? '';
    const url = URL.canParse(location, answer.url.href) ? new URL(location, answer.url) : undefined;
    if (location === '' || url === undefined) throw unexpectedAnswer(answer, 'expected a Location to go on at');
    if (mayBeAsked(url, { registry: this.#registry })) return url;
    throw unexpectedAnswer(answer, `it leads to ${shown(url)}, which is not reached by https`);
  }

  async #authorized(request: HttpRequest, permission: Permission, signal: AbortSignal): Promise<HttpAnswer> {
    const authorization = await this.#authentication.authorization(permission);
    const first = await this.#followed(request, authorization, signal);
    if (first.status !== 401 || !this.#isOwn(first.url)) return this.#judged(first, permission);
    const renewed = await this.#authentication.renewed(permission, first, authorization);
    return this.#judged(await this.#followed(request, renewed, signal), permission);
  }

  /** Reading goes on where the registry keeps its blobs; writing elsewhere than it was asked to would be a surprise. */
  async #followed(request: HttpRequest, authorization: Redacted | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    let url = request.url;
    for (let hops = 0; hops <= redirects; hops += 1) {
      const login = this.#isOwn(url) && authorization !== undefined ? { authorization: authorization.reveal() } : {};
      const answer = await this.#http({ ...request, url, headers: { ...request.headers, ...login } }, signal);
      if (![301, 302, 303, 307, 308].includes(answer.status) || !reads) return answer;
      url = this.locationOf(answer);
    }
    throw unexpectedAnswer(request, `expected at most ${redirects} redirects`);
  }

  #judged(answer: HttpAnswer, permission: Permission): HttpAnswer {
    // What the registry signed for its storage holds for a short time: asked again, it signs anew.
    if (!this.#isOwn(answer.url) && answer.status >= 400) {
      throw unreachable(answer, new Error(`the storage behind ${this.#registry.host} answered with ${answer.status}`));
    }
    if (answer.status === 403) throw denied(permission);
    if (answer.status === 401) {
      throw isTooNarrow(answer) ? denied(permission) : unauthorized(permission, 'the registry refuses the login');
    }
    return expectAvailable(answer, this.#clock);
  }

  #isOwn(url: URL): boolean {
    return url.origin === this.#registry.origin;
  }
}

/** The token was accepted, and does not hold for this: https://www.rfc-editor.org/rfc/rfc6750#section-3.1. */
function isTooNarrow(answer: HttpAnswer): boolean {
  const challenges = parseChallenges(answer.header('www-authenticate') ?? '');
  return challenges.some(({ parameters }) => parameters.error === 'insufficient_scope');
}
