import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { httpProbe } from './http-probe.ts';

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Probes a server that answers in a certain way. */
async function probe(listener: RequestListener, headers: Readonly<Record<string, string>> = {}) {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return ask(await portOf(server), headers);
}

function ask(port: number, headers: Readonly<Record<string, string>> = {}, signal = new AbortController().signal) {
  return httpProbe({ url: `http://127.0.0.1:${port}/health?full=1`, headers, timeoutMs: 200, signal });
}

it('calls every answer from 200 to 299 healthy', async () => {
  for (const status of [200, 204, 299]) {
    expect(await probe((_, response) => response.writeHead(status).end())).toEqual({ healthy: true });
  }
});

it('asks for the path with the headers it was given', async () => {
  let seen: unknown;
  await probe(
    (request, response) => {
      seen = [request.method, request.url, request.headers.host, request.headers['x-preview']];
      response.end();
    },
    { host: 'shop.example', 'x-preview': 'green' },
  );
  expect(seen).toEqual(['GET', '/health?full=1', 'shop.example', 'green']);
});

it('does not follow a redirect, and says where it would have led', async () => {
  const answer = await probe((_, response) => response.writeHead(301, { location: 'https://shop.example/' }).end());
  expect(answer).toEqual({
    healthy: false,
    reason: 'redirect',
    detail: 'answered 301, a redirect to https://shop.example/',
  });
});

it('repeats what the service complains about', async () => {
  const answer = await probe((_, response) => response.writeHead(503).end('database is locked\n'));
  expect(answer).toEqual({ healthy: false, reason: 'status', detail: 'answered 503: database is locked' });
});

it('repeats what arrived of a complaint that never ends', async () => {
  const answer = await probe((_, response) => {
    response.writeHead(500).write('it began');
  });
  expect(answer).toEqual({ healthy: false, reason: 'status', detail: 'answered 500: it began' });
});

it('reads no more than the beginning of a complaint', async () => {
  const answer = await probe((_, response) => response.writeHead(500).end('x'.repeat(1_000_000)));
  expect(answer.healthy ? '' : answer.detail).toHaveLength('answered 500: '.length + 4096);
});

it('gives up on a service that does not answer in time', async () => {
  const answer = await probe(() => undefined);
  expect(answer).toEqual({ healthy: false, reason: 'timeout', detail: 'no answer in 200 ms' });
});

it('tells that nothing listens', async () => {
  const server = createTcpServer();
  const port = await portOf(server);
  server.close();
  expect(await ask(port)).toEqual({ healthy: false, reason: 'refused', detail: 'nothing listens at its port' });
});

it('tells that the connection broke', async () => {
  const server = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  onTestFinished(() => {
    server.close();
  });
  expect(await ask(await portOf(server))).toEqual({
    healthy: false,
    reason: 'broken',
    detail: 'the connection broke: ECONNRESET',
  });
});

it('ends with its signal', async () => {
  const server = createTcpServer();
  onTestFinished(() => {
    server.close();
  });
  const stop = new AbortController();
  const answering = ask(await portOf(server), {}, stop.signal);
  stop.abort();
  expect(await answering).toMatchObject({ healthy: false });
});
