// End-to-end tests as a project has them: deployed once, asked as users ask, changed, taken back, closed.
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openTestEnvironment, type TestEnvironment } from './test-environment.ts';

const deployMs = 60_000;

let site: TestEnvironment;

beforeAll(async () => {
  site = await openTestEnvironment({
    project: join(import.meta.dirname, '..', '..', 'first-deploy'),
    files: ['services'],
    secrets: { API_TOKEN: 'token-of-the-test' },
  });
  await site.environment.deploy();
}, deployMs);

afterAll(() => site[Symbol.asyncDispose](), deployMs);

async function createTemplate(name: string): Promise<Response> {
  const { url } = await site.environment.status();
  return fetch(new URL('/api/templates', url ?? ''), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, body: 'Dear {{name}},' }),
  });
}

it('has everything live and healthy', async () => {
  const { services } = await site.environment.status();
  expect(services.map(({ name, live }) => [name, live?.healthy])).toEqual([
    ['template-service', true],
    ['gateway', true],
  ]);
});

it('stores what users send', async () => {
  const created = await createTemplate('welcome');
  expect(created.status).toBe(201);
  expect(await (await site.get('/api/templates')).json()).toMatchObject({ templates: [{ name: 'welcome' }] });
});

it('keeps answering while a new version comes, and has the data afterwards', { timeout: deployMs }, async () => {
  await site.change('services/gateway/src/home-page.ts', '<h1>First deploy</h1>', '<h1>Second deploy</h1>');
  const plan = await site.environment.plan();
  expect(plan.steps.filter(({ kind }) => kind === 'start').map(({ summary }) => summary)).toEqual([
    'start gateway in green',
  ]);

  const deployed = site.environment.deploy({ planHash: plan.hash });
  const ended = deployed.then(
    () => true,
    () => true,
  );
  const statuses = new Set<number>();
  do statuses.add((await site.get('/')).status);
  while (!(await Promise.race([ended, Promise.resolve(false)])));
  expect(await deployed).toMatchObject({ outcome: 'deployed' });
  expect([...statuses]).toEqual([200]);
  expect(await (await site.get('/')).text()).toContain('Second deploy');
  expect(await (await site.get('/api/templates/count')).json()).toEqual({ count: 1 });
});

it('refuses a version that does not start, and users notice nothing', { timeout: deployMs }, async () => {
  await site.change('services/gateway/src/server.ts', 'let stopping = false;', "throw new Error('not today');");
  await expect(site.environment.deploy()).rejects.toMatchObject({ code: 'ORCHESTRATOR_RELEASE_REFUSED' });
  expect(await (await site.get('/')).text()).toContain('Second deploy');
});

it('goes back to the version before', { timeout: deployMs }, async () => {
  expect(await site.environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
  expect(await (await site.get('/')).text()).toContain('First deploy');
  expect((await createTemplate('after the rollback')).status).toBe(201);
});
