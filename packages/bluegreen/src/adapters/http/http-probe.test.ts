import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import type { ExpectedAnswer } from '../../ports/probe.ts';
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

/** Probes a server that answers with a status and a body, of which something is expected. */
async function expecting(expected: ExpectedAnswer, status: number, body: string) {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  onTestFinished(() => {
    server.close();
  });
  const url = `http://127.0.0.1:${await portOf(server)}/`;
  return httpProbe({ url, headers: {}, expected, timeoutMs: 5_000, signal: new AbortController().signal });
}

async function selfSigned() {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=shop.example',
  ];
  execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { key: await readFile(key), cert: await readFile(cert) };
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
    status: 301,
  });
});

it('repeats what the service complains about', async () => {
  const answer = await probe((_, response) => response.writeHead(503).end('database is locked\n'));
  expect(answer).toEqual({ healthy: false, reason: 'status', detail: 'answered 503: database is locked', status: 503 });
});

it('repeats what arrived of a complaint that never ends', async () => {
  const answer = await probe((_, response) => {
    response.writeHead(500).write('it began');
  });
  expect(answer).toEqual({ healthy: false, reason: 'status', detail: 'answered 500: it began', status: 500 });
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

it.each([
  [
    'a status that is expected',
    {
      statuses: [
        [401, 401],
        [200, 204],
      ] as const,
    },
    401,
    '',
    true,
  ],
  ['a redirect that is expected', { statuses: [[200, 399]] as const }, 302, '', true],
  ['a status beside those expected', { statuses: [[200, 204]] as const }, 206, '', false],
  ['a text that is there', { body: { contains: '"up"' } }, 200, '{"state":"up"}', true],
  ['a text that is not there', { body: { contains: '"up"' } }, 200, '{"state":"down"}', false],
  ['a pattern that matches', { body: { matches: 'version \\d+' } }, 200, 'version 12', true],
  ['a pattern that does not match', { body: { matches: '^ok$' } }, 200, 'not ok', false],
  ['a text after the first 64 KiB', { body: { contains: 'late' } }, 200, `${'x'.repeat(65_536)}late`, false],
])('judges %s', async (_, expected, status, body, well) => {
  expect((await expecting(expected, status, body)).healthy).toBe(well);
});

it('shows the body that was not as expected', async () => {
  expect(await expecting({ body: { contains: 'up' } }, 200, ' starting \n')).toEqual({
    healthy: false,
    reason: 'body',
    detail: 'answered without "up": starting',
  });
});

it('recognises a service that speaks TLS where plain HTTP is spoken', async () => {
  const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0a]);
  const server = createTcpServer((socket) => socket.once('data', () => socket.end(alert)));
  onTestFinished(() => {
    server.close();
  });
  expect(await ask(await portOf(server))).toMatchObject({ healthy: false, reason: 'tls' });
  const said = 'Client sent an HTTP request to an HTTPS server.\n';
  expect(await probe((_, response) => response.writeHead(400).end(said))).toMatchObject({ reason: 'tls' });
});

it('recognises a certificate that outsiders would refuse', async () => {
  const { key, cert } = await selfSigned();
  const server = createSecureServer({ key, cert }, (_, response) => response.end());
  onTestFinished(() => {
    server.close();
  });
  const url = `https://127.0.0.1:${await portOf(server)}/`;
  const headers = { host: 'shop.example' };
  const answer = await httpProbe({ url, headers, timeoutMs: 5_000, signal: new AbortController().signal });
  expect(answer).toMatchObject({ healthy: false, reason: 'tls', detail: expect.stringContaining('self') as string });
});
