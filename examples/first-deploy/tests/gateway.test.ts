import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { expect, it } from 'vitest';

import { beginRequest, refusesConnections } from './connections.ts';
import { startService } from './service-process.ts';
import { createTemplatesDatabase } from './templates-database.ts';
import { startUpstream } from './upstream.ts';

const token = 'token-of-the-test';

function startGateway(templateServiceUrl: string) {
  return startService('gateway', {
    TEMPLATE_SERVICE_URL: templateServiceUrl,
    API_TOKEN: token,
    MAESTRO_REVISION: 'def5678',
    MAESTRO_SLOT: 'blue',
  });
}

it('leads from outside to template-service and adds the token outsiders do not have', async () => {
  await using templates = await startService('template-service', {
    DATABASE_PATH: createTemplatesDatabase(),
    API_TOKEN: token,
    BODY_LIMIT_BYTES: '1000',
    MAESTRO_REVISION: 'abc1234',
  });
  await using gateway = await startGateway(templates.url);
  const created = await fetch(`${gateway.url}/api/templates`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer not-the-token' },
    body: JSON.stringify({ name: 'welcome', body: 'Dear {{name}},' }),
  });
  expect(created.status).toBe(201);
  expect(created.headers.get('x-gateway-revision')).toBe('def5678');
  expect(created.headers.get('x-template-service-revision')).toBe('abc1234');
  const found = await fetch(`${gateway.url}/api/templates/1`);
  expect(await found.json()).toMatchObject({ id: 1, name: 'welcome' });

  expect(await (await fetch(`${gateway.url}/version`)).json()).toMatchObject({
    service: 'gateway',
    revision: 'def5678',
    upstream: { service: 'template-service', revision: 'abc1234' },
  });
  const page = await (await fetch(gateway.url)).text();
  expect(page).toContain('gateway def5678, blue slot');
  expect(page).toContain('template-service abc1234');
});

it('streams: the answer begins while the request is still being sent', async () => {
  await using upstream = await startUpstream((request, response) => {
    request.pipe(response);
  });
  await using gateway = await startGateway(upstream.url);
  const chunks = new TransformStream<Uint8Array, Uint8Array>();
  const writer = chunks.writable.getWriter();
  const answered = fetch(`${gateway.url}/api/echo`, { method: 'POST', body: chunks.readable, duplex: 'half' });
  await writer.write(Buffer.from('first'));
  const reader = (await answered).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
  await writer.write(Buffer.from('second'));
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('second');
  await writer.close();
  expect((await reader?.read())?.done).toBe(true);
});

it('sends the token to template-service only, whatever the path looks like', async () => {
  const paths: (string | undefined)[] = [];
  await using upstream = await startUpstream((request, response) => {
    paths.push(request.url);
    response.end();
  });
  await using elsewhere = await startUpstream((_, response) => response.end());
  let strangers = 0;
  elsewhere.server.on('connection', () => (strangers += 1));
  await using gateway = await startGateway(upstream.url);
  const target = `/api//${new URL(elsewhere.url).host}/steal`;
  const request = await beginRequest(gateway.url, `GET ${target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n`);
  expect(await request.finish('\r\n')).toMatch(/^HTTP\/1.1 200 /);
  expect(paths).toContain(target.slice('/api'.length));
  expect(strangers).toBe(0);
});

it('uses a connection to template-service again', async () => {
  await using upstream = await startUpstream((_, response) => response.end('ok'));
  const sockets = new Set<Socket>();
  upstream.server.on('connection', (socket) => sockets.add(socket));
  await using gateway = await startGateway(upstream.url);
  for (let i = 0; i < 5; i += 1) await (await fetch(`${gateway.url}/api/templates`)).text();
  expect(sockets.size).toBe(1);
});

it('keeps the connections of its own clients for 60 seconds', async () => {
  await using gateway = await startGateway('http://127.0.0.1:9');
  const response = await fetch(`${gateway.url}/health`);
  expect(response.headers.get('keep-alive')).toBe('timeout=60');
});

it('passes on an answer that comes before the body was sent, and takes no rest of a body for a request', async () => {
  await using upstream = await startUpstream((_, response) => {
    response.writeHead(413, { connection: 'close' }).end('too large');
  });
  await using gateway = await startGateway(upstream.url);
  const request = await beginRequest(
    gateway.url,
    'POST /api/templates HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n',
  );
  const answer = await request.finish('x');
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toContain('too large');
});

it('gives up the request to template-service when its client goes away', async () => {
  let gone = false;
  await using upstream = await startUpstream((_, response) => {
    response.once('close', () => (gone = true));
  });
  await using gateway = await startGateway(upstream.url);
  const client = new AbortController();
  const answered = fetch(`${gateway.url}/api/templates`, { signal: client.signal });
  await once(upstream.server, 'request');
  client.abort();
  await expect(answered).rejects.toThrow();
  await expect.poll(() => gone).toBe(true);
});

it('breaks off an answer that template-service broke off', async () => {
  await using upstream = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  await using gateway = await startGateway(upstream.url);
  await expect(fetch(`${gateway.url}/api/templates`).then((response) => response.text())).rejects.toThrow();
});

it('answers 502 while template-service is away, and stays healthy itself', async () => {
  await using gateway = await startGateway('http://127.0.0.1:9');
  const response = await fetch(`${gateway.url}/api/templates`);
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: 'UPSTREAM_FAILED' } });
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  expect(await (await fetch(`${gateway.url}/version`)).json()).toMatchObject({ upstream: null });
  expect((await fetch(`${gateway.url}/nothing`)).status).toBe(404);
});

it('asked to stop, answers the request it has begun and exits with 0', async () => {
  let release: () => void = () => undefined;
  await using upstream = await startUpstream((_, response) => {
    release = () => response.end('late but complete');
  });
  await using gateway = await startGateway(upstream.url);
  const answered = fetch(`${gateway.url}/api/templates`);
  const [request] = (await once(upstream.server, 'request')) as [IncomingMessage];
  expect(request.headers.authorization).toBe(`Bearer ${token}`);
  gateway.stop();
  await refusesConnections(gateway.url);
  release();
  const response = await answered;
  expect(response.headers.get('connection')).toBe('close');
  expect(await response.text()).toBe('late but complete');
  expect(await gateway.exited).toBe(0);
});
