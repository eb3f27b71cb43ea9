import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createProxyServer } from 'httpxy';

/** An address of the image repository that tells how often it was asked. */
export interface CountingFront extends AsyncDisposable {
  readonly origin: string;
  readonly requests: () => number;
}

export async function openCountingFront(registry: string): Promise<CountingFront> {
  let requests = 0;
  // The registry names the front in its answers: it goes by the Host header, which is passed on.
  const proxy = createProxyServer({ target: registry });
  const server = createServer((request, response) => {
    requests += 1;
    proxy.web(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
