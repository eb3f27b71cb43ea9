import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { sendLoad } from '../src/measure/load.ts';

async function serve(handle: (count: number) => RequestListener) {
  const seen = { requests: 0, connections: new Set<Socket>() };
  const server = createServer((request, response) => {
    seen.requests += 1;
    seen.connections.add(request.socket);
    handle(seen.requests)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

const fine: RequestListener = (_, response) => response.end('fine');

/** Ends the load with the request of that number. */
function until(last: number, handle: (count: number) => RequestListener = () => fine) {
  const stop = new AbortController();
  const served = serve((count) => {
    if (count >= last) stop.abort();
    return handle(count);
  });
  return { served, signal: stop.signal };
}

it('sends one request after the other over as many connections as asked for', async () => {
  const { served, signal } = until(200);
  const { url, seen } = await served;
  const { requests, failed, seconds } = await sendLoad(url, { connections: 4, until: signal });
  expect({ requests, failed }).toEqual({ requests: seen.requests, failed: 0 });
  expect(requests).toBeLessThan(204);
  expect(seen.connections.size).toBe(4);
  expect(seconds).toBeGreaterThan(0);
});

it.each<[string, RequestListener]>([
  ['a connection that is cut', (request) => request.socket.destroy()],
  ['another status', (_, response) => response.writeHead(503).end()],
  [
    'an answer that breaks off',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('begin', () => response.destroy());
    },
  ],
])('counts %s as failed, and never sends the request again', async (_, faulty) => {
  const { served, signal } = until(200, (count) => (count % 20 === 0 ? faulty : fine));
  const { url, seen } = await served;
  const { requests, failed } = await sendLoad(url, { connections: 4, until: signal });
  expect(requests).toBe(seen.requests);
  expect(failed).toBe(Math.floor(requests / 20));
});
