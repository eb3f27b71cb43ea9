import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loneVariables, type RunningPlatform, startPlatform } from './running-platform.ts';
import { searchPath, serviceNames, servicesFolder, startService } from './service-process.ts';

const run = promisify(execFile);

describe.each(serviceNames)('%s', (name) => {
  it('tells its version in /health, answers what it has begun when asked to stop, and exits with 0', async () => {
    await using service = await startService(name, { environment: loneVariables(name) });
    const healthy = await fetch(`${service.url}/health`);
    expect(healthy.status).toBe(200);
    expect(await healthy.json()).toEqual({
      status: 'ok',
      service: name,
      revision: `revision-of-${name}`,
      slot: 'blue',
    });
    expect((await fetch(`${service.url}/nothing`)).status).toBe(404);

    const { hostname, port } = new URL(service.url);
    const begun = connect(Number(port), hostname);
    await once(begun, 'connect');
    begun.write('GET /health HTTP/1.1\r\nHost: test\r\n');
    // The server reads in the order of arrival: once a later request is answered, the start of this one was read.
    await (await fetch(`${service.url}/health`)).text();
    service.stop();
    const accepts = () =>
      fetch(`${service.url}/health`).then(
        ({ status }) => status,
        () => 'refused',
      );
    await expect.poll(accepts).toBe('refused');
    begun.write('\r\n');
    const answer = await text(begun);
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toContain('shutting down');
    expect(await service.exited).toBe(0);
  });
});

it('does not start without what it needs', async () => {
  await expect(startService('gateway', { environment: {} })).rejects.toThrow('API_TOKEN must be set');
  await expect(startService('k8s-execution-service', { environment: {} })).rejects.toThrow('EXECUTION_TOKEN');
});

it('passes the tests of the services in Python', async () => {
  for (const name of ['quality-fabric', 'k8s-execution-service'] as const) {
    const cwd = join(servicesFolder, name);
    const { stderr } = await run('python3', ['-B', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], { cwd });
    expect(stderr).toMatch(/Ran [1-9]\d* tests[^]*OK/);
  }
});

it('runs what the build step of automation-service makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'automation-service-'));
  await cp(join(servicesFolder, 'automation-service'), folder, { recursive: true });
  await run('node', ['build.ts'], { cwd: folder, env: { PATH: searchPath } });
  const options = {
    environment: loneVariables('automation-service'),
    command: ['node', '--no-experimental-strip-types', 'dist/server.js'],
    folder,
  };
  await using service = await startService('automation-service', options);
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
});

describe('the five together', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const post = (path: string, body: object | string) =>
    fetch(`${platform.services.gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer not-the-token' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const get = async (path: string) => (await fetch(`${platform.services.gateway.url}${path}`)).json();
  const createTemplate = async (name: string, body: string) => {
    const { id } = (await (await post('/templates', { name, body })).json()) as { id: number };
    return id;
  };
  const ended = async (templateId: number) => {
    const started = await post('/runs', { templateId });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as { id: string };
    await expect
      .poll(() => get(`/runs/${id}`), { timeout: 20_000 })
      .not.toMatchObject({
        state: expect.stringMatching(/waiting|running/) as string,
      });
    return await get(`/runs/${id}`);
  };

  it('publish a template: stored, checked, rendered by a job', async () => {
    const id = await createTemplate('welcome', 'Dear {{ name }},\nwelcome.');
    expect(await ended(id)).toMatchObject({ state: 'published', detail: 'Dear [name],\nwelcome.' });
    expect(await get('/jobs')).toMatchObject({ jobs: [{ state: 'succeeded', output: 'Dear [name],\nwelcome.' }] });
    expect(await get('/templates')).toMatchObject({ templates: [{ id, name: 'welcome' }] });
  });

  it('reject one with mistakes, and say so of one that is not there', async () => {
    const id = await createTemplate('broken', 'Dear {{name,');
    expect(await ended(id)).toMatchObject({
      state: 'rejected',
      detail: 'line 1: a placeholder is not closed, expected {{name}}',
    });
    expect(await ended(4711)).toMatchObject({ state: 'failed', detail: '/templates/4711 answered 404' });
  });

  it.each([
    ['/templates', 'not JSON', 400, 'INVALID_JSON'],
    ['/templates', { name: ' ', body: '' }, 400, 'INVALID_TEMPLATE'],
    ['/templates', { name: 'large', body: 'x'.repeat(70_000) }, 413, 'TOO_LARGE'],
    ['/runs', { templateId: 'welcome' }, 400, 'INVALID_RUN'],
    ['/checks', 'not JSON', 400, 'INVALID_JSON'],
    ['/checks', { body: 7 }, 400, 'INVALID_TEMPLATE'],
    ['/jobs', { program: 'render', input: {} }, 401, 'UNAUTHORIZED'],
    ['/nothing', {}, 404, 'NOT_FOUND'],
  ])('refuse at %s %j with %i %s', async (path, body, status, code) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  it('store a template once, and take its name for no other one', async () => {
    const template = { name: 'once', body: 'a' };
    const statuses = (await Promise.all(Array.from({ length: 5 }, () => post('/templates', template)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 200, 200, 200, 201]);
    expect((await post('/templates', { ...template, body: 'b' })).status).toBe(409);
    const direct = await fetch(`${platform.services['template-service'].url}/templates`, {
      method: 'POST',
      body: '{}',
    });
    expect(direct.status).toBe(401);
  });

  it('finish a run that was taken before the stop, and are told apart in /status once one is away', async () => {
    const id = await createTemplate('late', 'late');
    expect(await get('/status')).toMatchObject({ healthy: true, services: { length: 5 } });
    const automation = platform.services['automation-service'];
    await post('/runs', { templateId: id });
    automation.stop();
    expect(await automation.exited).toBe(0);
    expect(await get('/jobs')).toMatchObject({
      jobs: expect.arrayContaining([expect.objectContaining({ output: 'late' })]) as object,
    });

    const status = await fetch(`${platform.services.gateway.url}/status`);
    expect(status.status).toBe(503);
    const { services } = (await status.json()) as { services: { service: string; healthy: boolean }[] };
    expect(services.filter(({ healthy }) => !healthy).map(({ service }) => service)).toEqual(['automation-service']);
    expect((await post('/runs', { templateId: id })).status).toBe(502);
  });
});
