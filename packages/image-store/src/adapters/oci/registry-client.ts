import { type Clock, type Logger, type Redacted, withDeadline } from '@maestro/core';

import type { Cancellable } from '../../ports/image-store.ts';
import { mayBeAsked, shown } from './addresses.ts';
import { expectAvailable } from './answers.ts';
import { Authentication } from './authentication.ts';
import { parseChallenges } from './challenges.ts';
import type { CredentialSource } from './credentials.ts';
import { type Asked, denied, noAnswer, tooSlow, unauthorized, unexpectedAnswer, unreachable } from './errors.ts';
import { type HttpAnswer, type HttpRequest, openHttp, type StreamedBody } from './http.ts';
import { answerMs, Pace, slowBytesPerMs } from './pace.ts';
import { type Permission, type PermissionOptions, permissionTo } from './permission.ts';
import { openRetries, retrying } from './retrying.ts';

export interface RegistryRequest extends Omit<PermissionOptions, 'registry'>, Cancellable {
  readonly method: HttpRequest['method'];
  /** Below `/v2/<repository>/`, or where the registry said to go on. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | StreamedBody | undefined;
  /** Reads a body of about this size as it comes in; else it is a document, and read whole. */
  readonly chunksOfBytes?: number | undefined;
}

export interface RegistryClientOptions {
  readonly registry: URL;
  readonly credentials: CredentialSource | undefined;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

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

  /** For work that goes on where it failed: waits until it may, or throws the error. */
  retries({ signal }: Cancellable): (error: unknown) => Promise<void> {
    return openRetries({ clock: this.#clock, logger: this.#logger, signal });
  }

  /**
   * Sends one request, and again if the registry wants a login first. Throws `IMAGE_STORE_UNREACHABLE`,
   * `IMAGE_STORE_UNAUTHORIZED`, `IMAGE_STORE_DENIED`; other statuses are for the caller to judge.
   */
  async once(request: RegistryRequest): Promise<HttpAnswer> {
    const { method, headers, body, chunksOfBytes, signal } = request;
    signal?.throwIfAborted();
    const sent = { method, url: this.urlOf(request), headers, limitBytes: documentBytes };
    const permission = permissionTo({ ...request, registry: this.#registry });
    if (chunksOfBytes !== undefined) return this.#receiving({ ...sent, inChunks: true }, permission, request);
    if (body !== undefined && 'open' in body) return this.#sending({ ...sent, body }, permission, signal);
    const deadlineMs = answerMs + Math.ceil((body?.byteLength ?? 0) / slowBytesPerMs);
    return withDeadline((inTime) => this.#authorized({ ...sent, body }, permission, inTime), {
      deadlineMs,
      clock: this.#clock,
      signal,
      onExpired: () => noAnswer(sent, deadlineMs),
    });
  }

  urlOf({ repository, target }: Pick<RegistryRequest, 'repository' | 'target'>): URL {
    return new URL(target, new URL(`/v2/${repository}/`, this.#registry));
  }

  /** Where a `Location` of an answer leads to. Throws `IMAGE_STORE_UNEXPECTED_ANSWER` where nobody must be asked. */
  locationOf(answer: HttpAnswer): URL {
    const location = answer.header('location') ?? '';
    const url = URL.canParse(location, answer.url.href) ? new URL(location, answer.url) : undefined;
    if (location === '' || url === undefined) throw unexpectedAnswer(answer, 'expected a Location to go on at');
    if (mayBeAsked(url, { registry: this.#registry })) return url;
    throw unexpectedAnswer(answer, `it leads to ${shown(url)}, which is not reached by https`);
  }

  async #receiving(request: HttpRequest, permission: Permission, { chunksOfBytes = 0, signal }: RegistryRequest) {
    const pace = this.#pace(request, chunksOfBytes);
    pace.start();
    try {
      const answer = await this.#authorized(request, permission, eitherOf(signal, pace));
      return { ...answer, chunks: answer.chunks && pace.receiving(answer.chunks) };
    } finally {
      pace.stop();
    }
  }

  async #sending(
    request: HttpRequest & { readonly body: StreamedBody },
    permission: Permission,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const { sizeBytes } = request.body;
    const pace = this.#pace(request, sizeBytes);
    const body = { sizeBytes, open: () => pace.sending(request.body.open()) };
    pace.start();
    try {
      return await this.#authorized({ ...request, body }, permission, eitherOf(signal, pace));
    } finally {
      pace.stop();
    }
  }

  #pace(asked: Asked, sizeBytes: number): Pace {
    return new Pace({ clock: this.#clock, sizeBytes, onExpired: () => tooSlow(asked) });
  }

  async #authorized(request: HttpRequest, permission: Permission, signal: AbortSignal): Promise<HttpAnswer> {
    let authorization = await this.#authentication.authorization(permission);
    // The first login sent may be one that was kept for too long, so it has a second try.
    let tries = authorization === undefined ? 2 : 1;
    for (;;) {
      const answer = await this.#followed(request, authorization, signal);
      if (answer.status !== 401 || !this.#isOwn(answer.url) || tries === 0) return this.#judged(answer, permission);
      authorization = await this.#authentication.renewed(permission, answer, authorization);
      tries -= 1;
    }
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

function eitherOf(signal: AbortSignal | undefined, pace: Pace): AbortSignal {
  return signal === undefined ? pace.signal : AbortSignal.any([signal, pace.signal]);
}

/** The token was accepted, and does not hold for this: https://www.rfc-editor.org/rfc/rfc6750#section-3.1. */
function isTooNarrow(answer: HttpAnswer): boolean {
  const challenges = parseChallenges(answer.header('www-authenticate') ?? '');
  return challenges.some(({ parameters }) => parameters.error === 'insufficient_scope');
}
