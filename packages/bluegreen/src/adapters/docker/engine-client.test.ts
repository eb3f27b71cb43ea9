import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { engineAddress } from './engine-address.ts';
import { EngineClient } from './engine-client.ts';

const answered = z.object({ number: z.int() });

/** What listens at an engine's place, and all that it was asked for: `GET /info on connection 1`. */
async function engine(answer: (request: IncomingMessage, response: ServerResponse, number: number) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const asked: string[] = [];
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    const { method = '', url = '', socket } = request;
    asked.push(`${method} ${url} on connection ${connections.get(socket) ?? 0}`);
    answer(request, response, asked.length);
  });
  server.on('connection', (socket) => connections.set(socket, connections.size + 1));
  server.listen(join(folder, 'docker.sock'));
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const address = engineAddress({ engine: `unix://${join(folder, 'docker.sock')}` });
  return { asked, client: new EngineClient({ address, clock: systemClock }) };
}

function well(_: IncomingMessage, response: ServerResponse, number: number): void {
  response.end(JSON.stringify({ number }));
}

it('asks on a connection that it keeps, and changes on those of their own', async () => {
  const { asked, client } = await engine(well);
  expect(await client.read({ method: 'GET', path: '/info' }, answered)).toEqual({ number: 1 });
  await client.send({ method: 'POST', path: '/containers/a/stop' });
  expect(await client.read({ method: 'GET', path: '/info' }, answered)).toEqual({ number: 3 });
  expect(asked).toEqual([
    'GET /info on connection 1',
    'POST /containers/a/stop on connection 2',
    'GET /info on connection 1',
  ]);
});

it('asks once more, on a connection of its own, where the one that was kept is closed meanwhile', async () => {
  const { asked, client } = await engine((request, response, number) => {
    if (number === 2) request.socket.destroy();
    else well(request, response, number);
  });
  await client.read({ method: 'GET', path: '/info' }, answered);
  expect(await client.read({ method: 'GET', path: '/info' }, answered)).toEqual({ number: 3 });
  expect(asked).toEqual(['GET /info on connection 1', 'GET /info on connection 1', 'GET /info on connection 2']);
});

it('sends nothing twice that breaks on a connection of its own', async () => {
  const { asked, client } = await engine((request) => {
    request.socket.destroy();
  });
  const unreachable = { code: 'BLUEGREEN_ENGINE_UNREACHABLE' };
  await expect(client.read({ method: 'GET', path: '/info' }, answered)).rejects.toMatchObject(unreachable);
  await expect(client.send({ method: 'POST', path: '/containers/a/start' })).rejects.toMatchObject(unreachable);
  expect(asked).toEqual(['GET /info on connection 1', 'POST /containers/a/start on connection 2']);
});

it('takes an answer that breaks off for none', async () => {
  const { client } = await engine((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"number":');
    setImmediate(() => response.destroy());
  });
  await expect(client.read({ method: 'GET', path: '/info' }, answered)).rejects.toMatchObject({
    code: 'BLUEGREEN_ENGINE_UNREACHABLE',
  });
});
