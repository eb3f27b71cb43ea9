import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { beginRequest, refusesConnections } from './connections.ts';
import { startService } from './service-process.ts';
import { createTemplatesDatabase, execute } from './templates-database.ts';

const token = 'token-of-the-test';

function startTemplateService(databasePath = createTemplatesDatabase(), revision = 'abc1234') {
  return startService('template-service', {
    DATABASE_PATH: databasePath,
    API_TOKEN: token,
    BODY_LIMIT_BYTES: '1000',
    MAESTRO_REVISION: revision,
    MAESTRO_RELEASE: '01JTEST',
    MAESTRO_SLOT: 'green',
  });
}

interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function post(url: string, template: object, { headers = {}, body }: PostOptions = {}) {
  return fetch(`${url}/templates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: body ?? JSON.stringify(template),
  });
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

const welcome = { name: 'welcome', body: 'Dear {{name}},' };

describe('templates', () => {
  it('are found by id, in the list and in the count after they were created', async () => {
    await using service = await startTemplateService();
    const created = await post(service.url, welcome);
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/templates/1');
    const template: unknown = await created.json();
    expect(template).toEqual({ id: 1, ...welcome, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    expect(await json(`${service.url}/templates/1`)).toEqual(template);
    expect(await json(`${service.url}/templates`)).toEqual({ templates: [template], next: null });
    expect(await json(`${service.url}/templates/count`)).toEqual({ count: 1 });
  });

  it('are listed page by page, each once', async () => {
    await using service = await startTemplateService();
    for (const name of ['a', 'b', 'c']) await post(service.url, { name, body: '' });
    expect(await json(`${service.url}/templates?limit=2`)).toMatchObject({
      templates: [{ name: 'a' }, { name: 'b' }],
      next: 2,
    });
    expect(await json(`${service.url}/templates?limit=2&after=2`)).toMatchObject({
      templates: [{ name: 'c' }],
      next: null,
    });
  });

  it('are created only by who has the token', async () => {
    await using service = await startTemplateService();
    expect((await post(service.url, welcome, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await post(service.url, welcome, { headers: { authorization: '' } })).status).toBe(401);
    expect(await json(`${service.url}/templates/count`)).toEqual({ count: 0 });
  });

  it('are stored once for one idempotency key, however many requests carry it at the same time', async () => {
    await using service = await startTemplateService();
    const keyed = () => post(service.url, welcome, { headers: { 'idempotency-key': 'order-17' } });
    const statuses = (await Promise.all(Array.from({ length: 10 }, keyed))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(9);
    expect(await json(`${service.url}/templates/count`)).toEqual({ count: 1 });
  });

  it('are refused under an idempotency key that stands for another one', async () => {
    await using service = await startTemplateService();
    const headers = { 'idempotency-key': 'order-17' };
    await post(service.url, welcome, { headers });
    expect((await post(service.url, { ...welcome, body: 'changed' }, { headers })).status).toBe(422);
  });
});

it.each([
  ['something that is not JSON', 400, 'INVALID_JSON', { body: '{' }],
  ['a body that is no object', 400, 'INVALID_TEMPLATE', { body: '7' }],
  ['a template without a name', 400, 'INVALID_TEMPLATE', { body: '{"body":""}' }],
  ['a blank name', 400, 'INVALID_TEMPLATE', { body: '{"name":" ","body":""}' }],
  ['a template without a body', 400, 'INVALID_TEMPLATE', { body: '{"name":"a"}' }],
  ['more bytes than the limit', 413, 'TOO_LARGE', { body: JSON.stringify({ name: 'a', body: 'x'.repeat(1000) }) }],
  ['another content type', 415, 'UNSUPPORTED_TYPE', { headers: { 'content-type': 'text/plain' } }],
])('refuses %s with %i %s', async (_, status, code, options: PostOptions) => {
  await using service = await startTemplateService();
  const response = await post(service.url, welcome, options);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
  expect(await json(`${service.url}/templates/count`)).toEqual({ count: 0 });
});

it.each([
  ['/templates/7', 404],
  ['/nothing', 404],
  ['/templates?limit=0', 400],
  ['/templates?limit=1001', 400],
  ['/templates?after=x', 400],
])('answers GET %s with %i', async (path, status) => {
  await using service = await startTemplateService();
  expect((await fetch(`${service.url}${path}`)).status).toBe(status);
});

it('says which version answers, in /version and in a header of every answer', async () => {
  await using service = await startTemplateService();
  const response = await fetch(`${service.url}/version`);
  expect(await response.json()).toEqual({
    service: 'template-service',
    revision: 'abc1234',
    release: '01JTEST',
    slot: 'green',
  });
  expect(response.headers.get('x-template-service-revision')).toBe('abc1234');
  expect((await fetch(`${service.url}/nothing`)).headers.get('x-template-service-revision')).toBe('abc1234');
});

describe('health', () => {
  it('is ok with a migrated database', async () => {
    await using service = await startTemplateService();
    const response = await fetch(`${service.url}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('is unavailable, with the reason, without one', async () => {
    const path = createTemplatesDatabase();
    execute(path, 'DROP TABLE templates');
    await using service = await startTemplateService(path);
    const response = await fetch(`${service.url}/health`);
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unavailable', reason: 'no such table: templates' },
    ]);
  });
});

describe('during a release', () => {
  it('two versions write to one database side by side without losing anything', async () => {
    const path = createTemplatesDatabase();
    await using blue = await startTemplateService(path, 'blue000');
    await using green = await startTemplateService(path, 'green00');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => post((i % 2 === 0 ? blue : green).url, { name: `t${i}`, body: '' })),
    );
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(await json(`${blue.url}/templates/count`)).toEqual({ count: 100 });
  });

  it('a running version goes on after a migration added a column for the next one', async () => {
    const path = createTemplatesDatabase();
    await using service = await startTemplateService(path);
    await post(service.url, welcome);
    execute(path, "ALTER TABLE templates ADD COLUMN category TEXT NOT NULL DEFAULT 'general'");
    expect((await post(service.url, welcome)).status).toBe(201);
    expect(Object.keys((await json(`${service.url}/templates/1`)) as object)).not.toContain('category');
  });
});

describe('asked to stop', () => {
  it('answers what it has begun, closes its database and exits with 0', async () => {
    const path = createTemplatesDatabase();
    await using service = await startTemplateService(path);
    const body = '{"name":"late","body":"but complete"}';
    const begun = await beginRequest(
      service.url,
      `POST /templates HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );

    service.stop();
    await refusesConnections(service.url);
    const answer = await begun.finish(body);
    expect(answer).toMatch(/^HTTP\/1.1 201 /);
    expect(answer).toMatch(/^connection: close\r$/im);

    expect(await service.exited).toBe(0);
    // A database that was closed in order leaves no write-ahead log behind.
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('reports itself unavailable', async () => {
    await using service = await startTemplateService();
    const begun = await beginRequest(service.url, 'GET /health HTTP/1.1\r\nHost: test\r\n');
    service.stop();
    await refusesConnections(service.url);
    const answer = await begun.finish('\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toContain('shutting down');
  });

  it('does not wait for connections that are kept alive', async () => {
    await using service = await startTemplateService();
    await fetch(`${service.url}/version`);
    service.stop();
    expect(await service.exited).toBe(0);
  });
});

it('says which variable is missing and does not start', async () => {
  await expect(startService('template-service', { DATABASE_PATH: createTemplatesDatabase() })).rejects.toThrow(
    'API_TOKEN must be set',
  );
});
