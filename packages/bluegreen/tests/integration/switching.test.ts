import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { recordFaults } from '@maestro/services/faults';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { openBlueGreen } from '../../src/index.ts';
import { otherSlot, type Slot } from '../../src/slots.ts';
import { ask, openForTest, type TestEnvironment, until } from './environment.ts';

const megabyte = 1024 * 1024;
const services = ['api', 'web'] as const;

async function serveBoth() {
  const environment = await openForTest();
  const { url } = await environment.listen();
  await environment.live('green', 'blue');
  return { environment, url };
}

async function responseTo(url: string): Promise<IncomingMessage> {
  const [response] = (await once(httpRequest(url, { agent: false }).end(), 'response')) as [IncomingMessage];
  return response;
}

function megabytes(count: number): Readable {
  return Readable.from(Array.from({ length: count }, () => Buffer.alloc(megabyte)));
}

async function residentMemory(pid: number): Promise<number> {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Sends requests one after the other on one connection until told to stop; nothing is sent twice. */
async function clientOf(url: string, index: number, stop: AbortSignal): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let answered = 0;
  while (!stop.aborted) {
    const body = `from client ${index}`;
    const path = index % 4 < 2 ? '' : '/web';
    const answer =
      index % 2 === 0
        ? await ask(`${url}${path}/`, { agent })
        : await ask(`${url}${path}/echo`, { method: 'POST', body, agent });
    expect(answer.status).toBe(200);
    answered += 1;
  }
  agent.destroy();
  return answered;
}

it('fails none of the requests of 16 clients in 210 switches', { timeout: 60_000 }, async () => {
  const environment = await openForTest();
  const { url } = await environment.listen(services);
  for (const service of services) {
    for (const slot of ['blue', 'green'] as const) await environment.start({ service, slot });
  }
  await environment.switchTo({ api: 'blue', web: 'blue' });

  const stop = new AbortController();
  const clients = Array.from({ length: 16 }, (_, index) => clientOf(url, index, stop.signal));
  const load = Promise.all(clients);
  const prober = new Agent({ keepAlive: true, maxSockets: 1 });
  let slot: Slot = 'blue';
  try {
    for (let count = 1; count <= 210; count += 1) {
      slot = otherSlot(slot);
      await environment.switchTo({ api: slot, web: slot });
      if (count % 3 !== 0) continue;
      // Sent after the switch, on a connection from before it.
      expect((await ask(url, { agent: prober })).body).toBe(slot);
    }
  } finally {
    stop.abort();
    prober.destroy();
  }
  const answered = await load;
  // A client that was not answered well has rejected.
  recordFaults({
    promised: 'no request is dropped',
    fault: 'switches of the embedded proxy',
    times: 210,
    checked: { requests: answered.reduce((sum, count) => sum + count, 0) },
    wrong: { 'failed requests': 0 },
  });
  expect(Math.min(...answered)).toBeGreaterThan(0);
});

it('passes an upload of 50 MB as it comes, and holds back its sender while the service does not read', async () => {
  const { environment, url } = await serveBoth();
  const daemon = await environment.daemonPid();
  await ask(url);
  const before = await residentMemory(daemon);
  const request = httpRequest(`${url}/upload?pauseMs=500`, { method: 'POST', agent: false });
  const answered = once(request, 'response');
  megabytes(50).pipe(request);
  // The service says that it began, and reads on later.
  const [response] = (await answered) as [IncomingMessage];
  await delay(300);
  expect((await residentMemory(daemon)) - before).toBeLessThan(20 * megabyte);
  expect(await text(response)).toBe(`begun ${50 * megabyte}`);
});

it('passes a download of 50 MB as it comes, and holds back the service while its reader does not read', async () => {
  const { environment, url } = await serveBoth();
  const daemon = await environment.daemonPid();
  await ask(url);
  const before = await residentMemory(daemon);
  const response = await responseTo(`${url}/download?bytes=${50 * megabyte}`);
  await delay(300);
  expect((await residentMemory(daemon)) - before).toBeLessThan(20 * megabyte);
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(50 * megabyte);
});

function openOn({ embedded: { runtime, router } }: TestEnvironment) {
  return openBlueGreen({ runtime, router });
}

it('ends a response in the slot in which it began, and waits for it when draining', async () => {
  const { environment, url } = await serveBoth();
  const response = await responseTo(`${url}/slow?ms=500`);
  await environment.switchTo({ api: 'green' });
  expect((await ask(url)).body).toBe('green');

  const drained = openOn(environment).drain({ service: 'api', slot: 'blue', deadlineMs: 10_000 });
  expect(await text(response)).toBe('begun blue');
  expect(await drained).toEqual({ left: 0 });
});

it('tells at the deadline of draining what is left', async () => {
  const { environment, url } = await serveBoth();
  const responses = [await responseTo(`${url}/slow?ms=60000`), await responseTo(`${url}/events`)];
  await environment.switchTo({ api: 'green' });
  const drained = await openOn(environment).drain({ service: 'api', slot: 'blue', deadlineMs: 200 });
  expect(drained).toEqual({ left: 2 });
  for (const response of responses) response.destroy();
});

it('lets a stopping service finish what it is answering', async () => {
  const { environment, url } = await serveBoth();
  const response = await responseTo(`${url}/slow?ms=700`);
  await environment.switchTo({ api: 'green' });
  await environment.embedded.runtime.stop({ service: 'api', slot: 'blue', timeoutMs: 10_000 });
  expect(await text(response)).toBe('begun blue');
});

it('keeps WebSockets and event streams in the slot in which they began', async () => {
  const { environment, url } = await serveBoth();
  const socket = new WebSocket(url.replace('http', 'ws'));
  await once(socket, 'open');
  const events = await responseTo(`${url}/events`);
  expect(events.headers['content-type']).toBe('text/event-stream');

  await environment.switchTo({ api: 'green' });
  socket.send('still there?');
  expect(String((await once(socket, 'message'))[0])).toBe('blue: still there?');
  await once(events, 'data');
  expect(String((await once(events, 'data'))[0])).toBe('data: blue\n\n');
  const { router } = environment.embedded;
  expect(await router.inFlight({ service: 'api', slot: 'blue' })).toEqual({ requests: 1, connections: 1 });

  socket.terminate();
  events.destroy();
  await until(async () => {
    const { requests, connections } = await router.inFlight({ service: 'api', slot: 'blue' });
    return requests + connections === 0;
  });
});
