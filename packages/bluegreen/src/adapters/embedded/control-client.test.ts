import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import { ControlClient } from './control-client.ts';
import { inFlightSchema } from './control-protocol.ts';

const failed = { code: 'BLUEGREEN_DAEMON_FAILED' };

async function socketPath() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-control-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'daemon.sock');
}

/** Calls a daemon that answers in a certain way. */
async function call(listener: RequestListener, signal?: AbortSignal) {
  const socket = await socketPath();
  const server = createServer(listener).listen(socket);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const clock = new ManualClock();
  const answer = new ControlClient({ socket, clock }).call({
    operation: '/in-flight',
    body: { service: 'api', slot: 'blue' },
    schema: inFlightSchema,
    deadlineMs: 1_000,
    signal,
  });
  return { answer, clock };
}

it('returns what the daemon answers', async () => {
  const { answer } = await call((_, response) => response.end('{"requests":1,"connections":2}'));
  expect(await answer).toEqual({ requests: 1, connections: 2 });
});

it('throws what the daemon refused with', async () => {
  const refusal = { code: 'BLUEGREEN_SLOT_LIVE', message: 'it is live', hint: 'roll back', retryable: false };
  const { answer } = await call((_, response) => response.writeHead(400).end(JSON.stringify(refusal)));
  await expect(answer).rejects.toMatchObject(refusal);
});

it('gives an error that is none of ours the code of a daemon that failed', async () => {
  const refusal = { code: 'INTERNAL', message: 'boom', retryable: false };
  const { answer } = await call((_, response) => response.writeHead(400).end(JSON.stringify(refusal)));
  await expect(answer).rejects.toMatchObject({ ...failed, message: 'boom' });
});

it.each([
  ['no JSON', 200, 'hello'],
  ['something else than expected', 200, '{"requests":"many"}'],
  ['an error of an unknown form', 500, '"oops"'],
])('says that it does not understand %s', async (_, status, body) => {
  const { answer } = await call((_request, response) => response.writeHead(status).end(body));
  await expect(answer).rejects.toMatchObject({
    ...failed,
    message: expect.stringContaining('does not understand') as string,
  });
});

it('says that the daemon ended, before its answer or within it', async () => {
  const ended = { code: 'BLUEGREEN_DAEMON_NOT_RUNNING', retryable: true };
  const { answer } = await call((request) => request.socket.destroy());
  await expect(answer).rejects.toMatchObject(ended);
  const { answer: cut } = await call((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"requests"', () => response.destroy());
  });
  await expect(cut).rejects.toMatchObject(ended);
});

it('says that no daemon runs, where there is no socket and where nobody listens at it any more', async () => {
  const socket = await socketPath();
  const client = new ControlClient({ socket, clock: new ManualClock() });
  const ask = () => client.call({ operation: '/in-flight', schema: inFlightSchema, deadlineMs: 1_000 });
  const notRunning = { code: 'BLUEGREEN_DAEMON_NOT_RUNNING', hint: 'maestro deploy starts it' };
  await expect(ask()).rejects.toMatchObject(notRunning);

  const server = createSocketServer().listen(socket);
  await once(server, 'listening');
  server.close();
  await expect(ask()).rejects.toMatchObject(notRunning);
});

it('waits no longer than its deadline', async () => {
  const { answer, clock } = await call(() => undefined);
  const rejected = expect(answer).rejects.toMatchObject({
    ...failed,
    message: expect.stringContaining('1000 ms') as string,
  });
  await clock.advance(1_000);
  await rejected;
});

it('ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const { answer } = await call(() => undefined, stop.signal);
  stop.abort(new Error('stopped by the operator'));
  await expect(answer).rejects.toThrow('stopped by the operator');
});
