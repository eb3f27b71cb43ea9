import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { answers } from './hub.ts';

async function hub(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each([
  [200, true],
  [401, true],
  [403, false],
  [503, false],
])('takes the status %i at /v2/ for an answer: %s', async (status, expected) => {
  const address = await hub((request, response) => {
    response.writeHead(request.url === '/v2/' ? status : 404).end();
  });
  expect(await answers(address)).toBe(expected);
});

it('does not wait for a hub that accepts connections and says nothing', async () => {
  expect(await answers(await hub(() => undefined))).toBe(false);
});

it('knows that nobody answers where nobody listens', async () => {
  expect(await answers('http://127.0.0.1:1')).toBe(false);
});

it("throws the caller's own reason when aborted, which says nothing about the hub", async () => {
  const reason = new Error('enough');
  const abort = new AbortController();
  const address = await hub(() => {
    abort.abort(reason);
  });
  await expect(answers(address, abort.signal)).rejects.toBe(reason);
});
