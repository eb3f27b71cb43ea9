import { systemClock } from '@maestro/core';
import { expect, it } from 'vitest';

import { startLoad } from '../src/load.ts';
import { compareStored } from '../src/site.ts';
import { revision, startTemplatesServer, type TemplatesServer } from './templates-server.ts';

const settings = { connections: 4, pauseMs: 1, timeoutMs: 2_000 };

async function runUntil(server: TemplatesServer, requests: number, expected: string | null = revision) {
  await using load = startLoad({ ...settings, url: server.url }, systemClock);
  await load.expect(expected);
  await expect.poll(() => server.requests(), { timeout: 10_000 }).toBeGreaterThanOrEqual(requests);
  return await load.stop();
}

it('counts what a server that keeps its promises answered, on connections it keeps alive', async () => {
  await using server = await startTemplatesServer();
  const { report, sent } = await runUntil(server, 200);
  expect(report).toMatchObject({ requests: server.requests(), failedRequests: 0, failures: [] });
  expect(report.versions).toEqual({ aaaaaaa: report.requests });
  expect(server.connections.size).toBe(settings.connections);
  expect(sent.uncertain).toEqual([]);
  expect(compareStored(sent, server.stored)).toEqual({ lost: [], doubled: [], strange: [] });
});

it('counts every connection that is dropped, and sends nothing a second time', async () => {
  let dropped = 0;
  await using server = await startTemplatesServer({
    interfere: (count, request) => {
      if (count % 50 !== 0) return false;
      dropped += 1;
      request.socket.destroy();
      return true;
    },
  });
  const { report } = await runUntil(server, 500);
  expect(dropped).toBeGreaterThanOrEqual(10);
  expect(report.failedRequests).toBe(dropped);
  expect(report.requests).toBe(server.requests());
  expect(report.failures[0]).toMatch(/^(GET|POST) \/api\/templates.*(socket hang up|ECONNRESET)/);
});

it.each([
  ['an answer that breaks off', /aborted|ECONNRESET|terminated/, { 'content-length': '100' }, '{', true],
  ['another status', /expected 20[01], got 503 down/, {}, 'down', false, 503],
  [
    'another body',
    /expected (id \d+, got 1|name client-\d+-\d+, got somebody)$/,
    {},
    '{"id":1,"name":"somebody","body":"else"}',
    false,
  ],
  ['a body of another shape', /id/, {}, '{"name":"a","body":"b"}', false],
  ['a body that is not JSON', /JSON/, {}, '<html>', false],
] as const)('takes %s for a failure', async (_, message, headers, body, breakOff, status?: number) => {
  await using server = await startTemplatesServer({
    interfere: (count, request, response) => {
      if (count !== 40) return false;
      response.writeHead(status ?? (request.method === 'POST' ? 201 : 200), headers);
      if (breakOff) response.write(body, () => response.destroy());
      else response.end(body);
      return true;
    },
  });
  const { report } = await runUntil(server, 100);
  expect(report.failedRequests).toBe(1);
  expect(report.failures[0]).toMatch(message);
});

it('takes silence for a failure when its time is up', async () => {
  await using server = await startTemplatesServer({ interfere: (count) => count === 40 });
  const { report } = await runUntil(server, 100);
  expect(report.failedRequests).toBe(1);
  expect(report.failures[0]).toMatch(/abort/i);
});

it('takes an answer of another version than expected for a failure, and of any version while none is expected', async () => {
  const other = 'b'.repeat(40);
  let live = revision;
  await using server = await startTemplatesServer({ revision: () => live });
  await using load = startLoad({ ...settings, url: server.url }, systemClock);
  const answered = async (more: number) => {
    const goal = server.requests() + more;
    await expect.poll(() => server.requests(), { timeout: 10_000 }).toBeGreaterThanOrEqual(goal);
  };
  await load.expect(revision);
  await answered(40);
  await load.expect(null);
  live = other;
  await answered(40);
  await load.expect(other);
  await answered(40);
  expect((await load.report()).failedRequests).toBe(0);

  live = revision;
  await answered(40);
  const { report } = await load.stop();
  expect(report.failedRequests).toBeGreaterThan(0);
  expect(report.failures[0]).toContain('expected gateway bbbbbbb, got aaaaaaa');
  expect(Object.keys(report.versions).sort()).toEqual(['aaaaaaa', 'bbbbbbb']);
});

it('shows a request that was lost or delivered twice in what is stored', async () => {
  await using server = await startTemplatesServer();
  const { sent } = await runUntil(server, 100);
  const [first = '', second = '', ...others] = server.stored;
  expect(compareStored(sent, [second, second, ...others])).toEqual({ lost: [first], doubled: [second], strange: [] });
});

it('does not keep anybody waiting once it has ended', async () => {
  await using server = await startTemplatesServer();
  const load = startLoad({ ...settings, url: server.url }, systemClock);
  const asked = load.report();
  await load[Symbol.asyncDispose]();
  await expect(asked.then(() => load.report())).rejects.toMatchObject({ code: 'DEMO_LOAD_BROKEN' });
});
