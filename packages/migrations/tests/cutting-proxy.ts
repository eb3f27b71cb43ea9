import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  /** Leads to the same database through the proxy. */
  readonly url: string;
  /** Whether the message came at which it cuts. */
  readonly hasCut: () => boolean;
}

export interface Cut {
  /** Which message to the server, counted over all connections. */
  readonly message: number;
  /** Before it gets there, or after it was answered and before the answer gets back. */
  readonly when: 'asked' | 'answered';
}

/** Ends the connection at one message, and lets everything else through. */
export async function cuttingProxy(url: string, cut: Cut): Promise<CuttingProxy> {
  const target = new URL(url);
  // Taken now: it is given the proxy's own address below.
  const { port, hostname } = target;
  const sockets = new Set<Socket>();
  let messages = 0;
  let hasCut = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isCutting = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (message) => {
      const isCut = messages === cut.message;
      messages += 1;
      hasCut ||= isCut;
      isCutting ||= isCut;
      if (isCut && cut.when === 'asked') end();
      else upstream.write(message);
    });
    upstream.on('data', (answer) => {
      if (isCutting) end();
      else client.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: target.href,
    hasCut: () => hasCut,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
