import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import type { SuiteOf } from '@maestro/services';

/** When a connection ends: before the engine is asked, with half of what was sent, or when the engine is done. */
export type Cut = 'before' | 'half' | 'after';

/** Passes requests on to an engine up to a certain one; from then on nobody is there any more. */
export class DockerFront implements AsyncDisposable {
  /** `PUT /containers/…`, in order. */
  readonly requests: string[] = [];
  readonly #engine: SuiteOf<'docker'>['engine'];
  readonly #cut: { readonly at: number; readonly how: Cut } | undefined;
  readonly #onCut: () => Promise<void>;
  readonly #server = createServer((incoming, response) => void this.#serve(incoming, response));

  private constructor({ engine, cut, onCut = () => Promise.resolve() }: DockerFrontOptions) {
    this.#engine = engine;
    this.#cut = cut;
    this.#onCut = onCut;
  }

  static async open(options: DockerFrontOptions): Promise<DockerFront> {
    const front = new DockerFront(options);
    await once(front.#server.listen(0, '127.0.0.1'), 'listening');
    return front;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = this.requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const cut = this.#cut !== undefined && number >= this.#cut.at ? this.#cut.how : undefined;
    try {
      if (this.#cut !== undefined && number > this.#cut.at) throw new Error('nobody is there');
      const body = await buffer(incoming);
      if (cut === 'before') throw new Error('not asked');
      const answer = await this.#ask(incoming, cut === 'half' ? body.subarray(0, body.length / 2) : body, body.length);
      if (cut !== undefined) throw new Error('not answered');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      await this.#onCut();
      response.destroy();
    }
  }

  async #ask({ method, url: path, headers }: IncomingMessage, body: Buffer, length: number) {
    const upstream = request({ ...this.#engine, method, path, headers, agent: false });
    upstream.on('error', () => undefined);
    if (body.length < length) {
      await new Promise<void>((resolve) =>
        upstream.write(body, () => {
          resolve();
        }),
      );
      // The engine unpacks what has come.
      await new Promise((resolve) => setTimeout(resolve, 300));
      upstream.destroy();
    } else upstream.end(body);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
  }
}

interface DockerFrontOptions {
  readonly engine: SuiteOf<'docker'>['engine'];
  readonly cut?: { readonly at: number; readonly how: Cut } | undefined;
  /** Done before the connection ends. */
  readonly onCut?: () => Promise<void>;
}
