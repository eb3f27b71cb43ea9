import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { tcpProbe } from './tcp-probe.ts';

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

const ask = (host: string, port: number, signal = new AbortController().signal) =>
  tcpProbe({ address: { host, port }, timeoutMs: 200, signal });

it('calls a port healthy that takes connections', async () => {
  const { server, port } = await listening();
  onTestFinished(() => {
    server.close();
  });
  expect(await ask('127.0.0.1', port)).toEqual({ healthy: true });
});

it('tells that nothing listens', async () => {
  const { server, port } = await listening();
  server.close();
  expect(await ask('127.0.0.1', port)).toEqual({
    healthy: false,
    reason: 'refused',
    detail: 'nothing listens at its port',
  });
});

it('ends with its signal', async () => {
  expect(await ask('127.0.0.1', 9, AbortSignal.abort())).toMatchObject({ healthy: false });
});
