import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes connections on, and breaks those on which more than so many bytes were sent. */
export class CuttingProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#pass(socket);
  });
  readonly #upstream: URL;
  /** How many connections are still to be broken. */
  cuts = 0;
  /** Of bytes towards the registry. */
  afterBytes = Infinity;

  constructor(upstream: string) {
    this.#upstream = new URL(upstream);
  }

  static async open(upstream: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(upstream);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(socket: Socket): void {
    const upstream = connect(Number(this.#upstream.port), this.#upstream.hostname);
    const end = () => {
      socket.destroy();
      upstream.destroy();
    };
    for (const each of [socket, upstream]) {
      this.#sockets.add(each);
      each.on('error', end).on('close', end);
    }
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.byteLength;
      if (bytes <= this.afterBytes || this.cuts === 0) return;
      this.cuts -= 1;
      end();
    });
    socket.pipe(upstream).pipe(socket);
  }
}
