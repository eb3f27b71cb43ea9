import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { systemClock } from '@maestro/core';

export interface DistantFront extends AsyncDisposable {
  /** The same server and database, from far away. */
  urlOf(url: string): string;
}

/** Stands in front of a server and passes everything on late, as a network does: `delayMs` there and again back. */
export async function openDistantFront(
  serverUrl: string,
  { delayMs }: { readonly delayMs: number },
): Promise<DistantFront> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      // Sleeps of the same length end in the order they began.
      const late = (act: () => void) => void systemClock.sleep(delayMs).then(act);
      from.on('data', (chunk) => {
        late(() => to.write(chunk));
      });
      from.on('end', () => {
        late(() => to.end());
      });
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    urlOf: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(own) }).href,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
