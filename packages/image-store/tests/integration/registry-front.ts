import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
}

/** A request as it came in, and the way to the real registry. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the real registry answers; its addresses are the front's. */
  readonly forward: () => Promise<Answer>;
}

/** An answer, or what is done to the connection instead. */
export type Reaction = (exchange: Exchange, response: ServerResponse) => Promise<Answer | undefined>;

/** Answers whom it does not let through. */
export type Gate = (exchange: Exchange) => Answer | undefined;

export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** How many requests it hits; all by default. */
  readonly times?: number;
  readonly reaction: Reaction;
}

/** An HTTP server before the real registry in which faults are put. */
export class RegistryFront implements AsyncDisposable {
  readonly requests: Exchange[] = [];
  readonly #faults: { readonly fault: Fault; left: number }[] = [];
  readonly #server = createServer((incoming, response) => void this.#serve(incoming, response));
  readonly #upstream: string;
  readonly #gate: Gate;

  constructor(upstream: string, gate: Gate) {
    this.#upstream = upstream;
    this.#gate = gate;
  }

  static async open(upstream: string, gate: Gate = () => undefined): Promise<RegistryFront> {
    const front = new RegistryFront(upstream, gate);
    await once(front.#server.listen(0, '127.0.0.1'), 'listening');
    return front;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  put(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Infinity });
  }

  count(method: string, path: RegExp): number {
    return this.requests.filter((exchange) => exchange.method === method && path.test(exchange.path)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method = '', url: path = '', headers } = incoming;
      const body = await buffer(incoming);
      const exchange = { method, path, headers, body, forward: () => this.#forward({ method, path, headers, body }) };
      this.requests.push(exchange);
      const answer = await this.#answer(exchange, response);
      if (answer === undefined) return;
      response.writeHead(answer.status, defined(answer));
      response.end(answer.body);
    } catch {
      response.destroy();
    }
  }

  async #answer(exchange: Exchange, response: ServerResponse): Promise<Answer | undefined> {
    const refusal = this.#gate(exchange);
    if (refusal !== undefined) return refusal;
    const { method, path } = exchange;
    const hit = this.#faults.find(({ fault, left }) => left > 0 && fault.method === method && fault.path.test(path));
    if (hit === undefined) return exchange.forward();
    hit.left -= 1;
    return hit.fault.reaction(exchange, response);
  }

  async #forward({ method, path, headers, body }: Omit<Exchange, 'forward'>): Promise<Answer> {
    const upstream = request(new URL(path, this.#upstream), { method, headers: { ...headers, connection: 'close' } });
    upstream.end(body);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: { ...answer.headers }, body: await buffer(answer) };
  }
}

/** The length is that of the body, except in an answer to HEAD, which has none. */
function defined({ headers = {}, body = '' }: Answer): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([, value]) => value !== undefined);
  return { 'content-length': Buffer.byteLength(body), ...Object.fromEntries(kept) };
}

/** Answers with this. */
export function answering(answer: Answer): Reaction {
  return () => Promise.resolve(answer);
}

/** Answers with what the registry does, changed. */
export function changing(change: (answer: Answer) => Answer): Reaction {
  return async ({ forward }) => change(await forward());
}

/** Does what was asked and breaks off before the answer. */
export const breakingOff: Reaction = async ({ forward }, response) => {
  await forward();
  response.destroy();
  return undefined;
};

/** Promises the whole body and breaks off in the middle of it. */
export const cutting: Reaction = async ({ forward }, response) => {
  const { status, headers = {}, body = '' } = await forward();
  response.writeHead(status, { ...headers });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
  return undefined;
};

/** Ends the body in the middle as if that were all of it. */
export const ending: Reaction = async ({ forward }, response) => {
  const { status, body = '' } = await forward();
  response.writeHead(status, { connection: 'close' });
  response.end(body.slice(0, body.length / 2));
  return undefined;
};

/** Sends a body that never ends. */
export const endless: Reaction = async (_, response) => {
  response.writeHead(200);
  // Ends with an error when the other side has had enough.
  await pipeline(zeros, response).catch(() => undefined);
  return undefined;
};

function* zeros() {
  for (;;) yield Buffer.alloc(64 * 1024);
}

/** Never answers. */
export const silent: Reaction = () => Promise.resolve(undefined);
