import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { type Clock, withDeadline } from '@maestro/core';

import type { EngineAddress } from './engine-address.ts';
import { engineRefused, engineUnreachable } from './errors.ts';

export interface EngineRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  /** Whoever may read the engine's log reads it. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly json: object } | { readonly tar: Buffer };
  readonly signal?: AbortSignal | undefined;
}

export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const answerMs = 60_000;

/** Asks one engine. No version of its interface is asked for: the engine then speaks its newest. */
export class EngineClient {
  readonly address: EngineAddress;
  readonly #clock: Clock;

  constructor({ address, clock }: { readonly address: EngineAddress; readonly clock: Clock }) {
    this.address = address;
    this.#clock = clock;
  }

  /** Gives back answers of success and of the statuses in `accept`; throws SECRETS_ENGINE_FAILED or _UNREACHABLE. */
  async ask(request: EngineRequest, accept: readonly number[] = []): Promise<EngineAnswer> {
    const answer = await withDeadline((signal) => this.#send(request, signal), {
      deadlineMs: answerMs,
      clock: this.#clock,
      signal: request.signal,
      onExpired: () => engineUnreachable(this.address, new Error(`expected an answer within ${answerMs / 1000} s`)),
    });
    if (answer.status < 300 || answer.status === 304 || accept.includes(answer.status)) return answer;
    throw engineRefused(this.address, `${request.method} ${request.path}`, messageIn(answer));
  }

  /** Undefined for what the engine does not have. */
  async find(request: EngineRequest): Promise<EngineAnswer | undefined> {
    const answer = await this.ask(request, [404]);
    return answer.status === 404 ? undefined : answer;
  }

  async #send({ method, path, query = {}, body }: EngineRequest, signal: AbortSignal): Promise<EngineAnswer> {
    const { connection, certificates } = this.address;
    const parameters = new URLSearchParams(query);
    const content = body === undefined ? undefined : 'tar' in body ? body.tar : Buffer.from(JSON.stringify(body.json));
    const type = body !== undefined && 'tar' in body ? 'application/x-tar' : 'application/json';
    const options = {
      ...connection,
      ...certificates,
      method,
      path: parameters.size === 0 ? path : `${path}?${parameters.toString()}`,
      headers: content === undefined ? {} : { 'content-type': type, 'content-length': content.byteLength },
      agent: false,
      signal,
    };
    try {
      // An import would load Node's client of WebSockets as well.
      const { request } = process.getBuiltinModule(certificates === undefined ? 'node:http' : 'node:https');
      const outgoing = request(options);
      outgoing.end(content);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
    } catch (error) {
      signal.throwIfAborted();
      throw engineUnreachable(this.address, error);
    }
  }
}

/** What an engine says went wrong is short; it names paths and objects, not what was sent. */
function messageIn({ status, body }: EngineAnswer): string {
  try {
    const { message } = JSON.parse(body.toString('utf8')) as { readonly message?: unknown };
    if (typeof message === 'string') return message.trim().slice(0, 500);
  } catch {
    // Something before the engine answered in a form of its own.
  }
  return `it answered with ${status}`;
}
