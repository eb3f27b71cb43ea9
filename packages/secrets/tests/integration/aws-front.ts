import { once } from 'node:events';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  /** `BatchGetSecretValue` */
  readonly action: string;
  /** For which the request is signed. */
  readonly region: string;
  readonly body: string;
}

/** What happens to a request instead of being passed on; undefined to pass it on. */
export type Reaction = (asked: Asked, response: ServerResponse) => Promise<void> | undefined;

/** A server in front of the service's imitation, which counts what is asked for and can do something else. */
export class AwsFront implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly endpoint: string;
  react: Reaction = () => undefined;
  readonly #server;

  private constructor(server: ReturnType<typeof createServer>) {
    const { port } = server.address() as AddressInfo;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#server = server;
  }

  static async open(target: string): Promise<AwsFront> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const front = new AwsFront(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void front.#serve(target, request, response);
    });
    return front;
  }

  /** The number of requests for an action. */
  count(action: string): number {
    return this.asked.filter((asked) => asked.action === action).length;
  }

  async #serve(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = {
      action: String(request.headers['x-amz-target']).replace('secretsmanager.', ''),
      region: /\/\d{8}\/([\w-]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '',
      body: await text(request),
    };
    this.asked.push(asked);
    const done = this.react(asked, response);
    if (done !== undefined) return done;
    const { headers, method = 'POST', url = '/' } = request;
    const passed = ask(new URL(url, target), { method, headers: { ...headers, connection: 'close' } });
    passed.end(asked.body);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 500, { 'content-type': answer.headers['content-type'] ?? '' });
    answer.pipe(response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function answering(status: number, document: unknown): Reaction {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(typeof document === 'string' ? document : JSON.stringify(document));
    return Promise.resolve();
  };
}

export const throttling = answering(400, { __type: 'ThrottlingException', message: 'Rate exceeded' });

/** Cuts the connection. */
export const cutting: Reaction = (_, response) => {
  response.socket?.destroy();
  return Promise.resolve();
};
