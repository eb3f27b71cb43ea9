import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SuiteOf } from '@maestro/services';

/** A socket before an engine that keeps back the requests it is told to: whoever sent one waits for ever. */
export class EngineFront implements AsyncDisposable {
  readonly address: string;
  readonly #stop: () => Promise<void>;

  private constructor(address: string, stop: () => Promise<void>) {
    this.address = address;
    this.#stop = stop;
  }

  /** `onHeld` is told of each request that is kept back. */
  static async open(
    { engine }: SuiteOf<'docker'>,
    { hold, onHeld }: { readonly hold: RegExp; readonly onHeld: () => void },
  ): Promise<EngineFront> {
    const folder = await mkdtemp(join(tmpdir(), 'front-'));
    const socket = join(folder, 'docker.sock');
    const server = createServer((incoming, response) => {
      const { method = '', url = '', headers } = incoming;
      if (hold.test(`${method} ${url}`)) {
        onHeld();
        return;
      }
      const outgoing = httpRequest({ ...engine, method, path: url, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.once('error', () => response.destroy());
      incoming.pipe(outgoing);
    }).listen(socket);
    await once(server, 'listening');
    return new EngineFront(`unix://${socket}`, async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}
