import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SuiteOf } from '@maestro/services';

type EngineAddress = SuiteOf<'docker'>['engine'];

/** What is done with a request instead of asking the engine. */
export type EngineReaction = (incoming: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** An HTTP server before an engine, or in its place, in which faults are put. */
export class EngineFront implements AsyncDisposable {
  /** `GET /images/json?…`, in order. */
  readonly requests: string[] = [];
  readonly #reactions: { readonly path: RegExp; readonly reaction: EngineReaction }[] = [];
  readonly #server = createServer((incoming, response) => void this.#serve(incoming, response));
  readonly #engine: EngineAddress | undefined;

  constructor(engine: EngineAddress | undefined) {
    this.#engine = engine;
  }

  static async open(engine?: EngineAddress): Promise<EngineFront> {
    const front = new EngineFront(engine);
    await once(front.#server.listen(0, '127.0.0.1'), 'listening');
    return front;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The newest reaction to a path is the one that counts; `path` is matched with the method before it. */
  put(path: RegExp, reaction: EngineReaction): void {
    this.#reactions.unshift({ path, reaction });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    this.requests.push(asked);
    const reaction = this.#reactions.find(({ path }) => path.test(asked))?.reaction ?? this.#forward.bind(this);
    try {
      await reaction(incoming, response);
    } catch {
      response.destroy();
    }
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    if (this.#engine === undefined) {
      response.writeHead(404).end('{"message":"no such thing"}');
      return;
    }
    forward(this.#engine, incoming, response);
  }
}

/** Passes a request on, and its answer back, changed. */
export function forward(
  engine: EngineAddress,
  incoming: IncomingMessage,
  response: ServerResponse,
  change: (headers: IncomingMessage['headers']) => IncomingMessage['headers'] = (headers) => headers,
): void {
  const { method, url: path, headers } = incoming;
  const upstream = request({ ...engine, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, change(answer.headers));
    answer.on('error', () => response.destroy()).pipe(response);
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}
