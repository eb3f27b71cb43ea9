import { once } from 'node:events';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { type Clock, withDeadline } from '@maestro/core';
import type { z } from 'zod';

import { http, https } from '../http/node-http.ts';
import type { EngineAddress } from './engine-address.ts';
import { EngineRefusal } from './engine-refusal.ts';
import { engineUnreachable } from './errors.ts';

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Objects are sent as JSON. Whoever may read the engine's log reads it. */
  readonly query?: Readonly<Record<string, string | number | object>>;
  readonly json?: object;
  readonly signal?: AbortSignal | undefined;
  /** 60 000 by default. */
  readonly deadlineMs?: number;
}

interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const defaultDeadlineMs = 60_000;

/**
 * Asks one engine. No version of its interface is asked for: the engine then speaks its newest. Throws
 * `BLUEGREEN_ENGINE_UNREACHABLE` without an answer, `EngineRefusal` for one that is not of success.
 */
export class EngineClient {
  readonly address: EngineAddress;
  readonly #clock: Clock;
  #kept: Agent | undefined;

  constructor({ address, clock }: { readonly address: EngineAddress; readonly clock: Clock }) {
    this.address = address;
    this.#clock = clock;
  }

  async read<T>(request: EngineRequest, schema: z.ZodType<T>): Promise<T> {
    const { body } = await this.#ask(request);
    try {
      return schema.parse(JSON.parse(body.toString('utf8')));
    } catch (error) {
      const shown = JSON.stringify(body.toString('utf8').slice(0, 200));
      throw new EngineRefusal({ status: 200, said: `${request.path} was answered with ${shown}`, cause: error });
    }
  }

  /** Undefined for what the engine does not have. */
  find<T>(request: EngineRequest, schema: z.ZodType<T>): Promise<T | undefined> {
    return unlessMissing(this.read(request, schema));
  }

  /** For what is answered with nothing but a status; also well where it is so already. */
  async send(request: EngineRequest): Promise<void> {
    await this.#ask(request);
  }

  async bytes(request: EngineRequest): Promise<Buffer> {
    return (await this.#ask(request)).body;
  }

  /** By names in small letters. */
  async headers(request: EngineRequest): Promise<IncomingHttpHeaders> {
    return (await this.#ask(request)).headers;
  }

  async #ask(request: EngineRequest): Promise<EngineAnswer> {
    const { deadlineMs = defaultDeadlineMs, signal: outer } = request;
    const answer = await withDeadline((signal) => this.#exchange(request, signal), {
      deadlineMs,
      clock: this.#clock,
      signal: outer,
      onExpired: () => engineUnreachable(this.address, new Error(`expected an answer within ${deadlineMs / 1000} s`)),
    });
    // 304: it is so already.
    if (answer.status < 300 || answer.status === 304) return answer;
    throw new EngineRefusal({ status: answer.status, said: messageIn(answer) });
  }

  async #exchange(request: EngineRequest, signal: AbortSignal): Promise<EngineAnswer> {
    try {
      const answer = await this.#answerTo(request, signal);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
    } catch (error) {
      signal.throwIfAborted();
      throw engineUnreachable(this.address, error);
    }
  }

  /**
   * A connection that is kept may be closed by an engine that is restarted just when a request goes out on it: it is only for
   * requests that change nothing, and then these are sent once more, on one of their own.
   */
  async #answerTo(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
    if (request.method !== 'GET') return await answerOf(requestTo(this.address, request, { signal }));
    const { certificates } = this.address;
    this.#kept ??= certificates === undefined ? new http.Agent(keeping) : new (https().Agent)(keeping);
    const outgoing = requestTo(this.address, request, { signal, agent: this.#kept });
    try {
      return await answerOf(outgoing);
    } catch (error) {
      if (!outgoing.reusedSocket || signal.aborted) throw error;
      return await answerOf(requestTo(this.address, request, { signal }));
    }
  }
}

/** As many at a time as an engine answers quickly; what is not used again soon is closed. */
const keeping = { keepAlive: true, maxSockets: 8, timeout: 5_000 };

async function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

/** Node's own consumer makes a Blob first, which takes most of the time of a short answer. */
export async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(answer, 'end');
  return Buffer.concat(chunks);
}

interface RequestToOptions {
  readonly signal: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** A connection of its own by default. */
  readonly agent?: Agent;
}

/** Sends one request. */
export function requestTo(
  { connection, certificates }: EngineAddress,
  { method, path, query = {}, json }: EngineRequest,
  { signal, headers, agent }: RequestToOptions,
): ClientRequest {
  const content = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
  const described =
    content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.byteLength };
  const options = {
    ...connection,
    method,
    path: `${path}${encoded(query)}`,
    headers: { ...described, ...headers },
    agent: agent ?? false,
    // Without it Node looks whether the Host of each request is an address, also where there is no TLS.
    ...(certificates === undefined ? { servername: '' } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
  const outgoing =
    certificates === undefined
      ? http.request(options)
      : https().request({ ...options, ca: certificates.ca, cert: certificates.cert, key: certificates.key.reveal() });
  return outgoing.end(content);
}

/** Undefined where what was asked for is not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

function encoded(query: NonNullable<EngineRequest['query']>): string {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

export function messageIn({ status, body }: Pick<EngineAnswer, 'body' | 'status'>): string {
  const text = body.toString('utf8');
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string') return message.trim().slice(0, 1000);
  } catch {
    // Something before the engine answered in a form of its own.
  }
  return `it answered with ${status}`;
}
