import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ReleaseEvent } from '../../src/index.ts';
import { recordFaults } from '@maestro/services/faults';
import { expect, it } from 'vitest';

import { configuration, createProject } from './project.ts';

it('deploys two services, then finds nothing to do, then only what changed', async () => {
  await using project = await createProject();
  const { environment } = project;

  const first = await environment.deploy();
  expect(first).toMatchObject({
    outcome: 'deployed',
    services: [
      { name: 'api', slot: 'blue', changed: true },
      { name: 'web', slot: 'blue', changed: true },
    ],
  });
  expect(first.services[0]?.image).toMatch(/^shop-api:demo-[0-9a-f]{7}$/);
  expect(await project.ask('api')).toMatchObject({ service: 'api', version: '1', token: 13 });
  expect(await project.ask('web')).toMatchObject({ service: 'web', version: '1', greeting: 'hello' });

  expect(await environment.deploy()).toMatchObject({ release: null, outcome: 'unchanged', switchMs: null });

  await project.commit({ 'services/web/version': '2' });
  const third = await environment.deploy();
  expect(third.services).toMatchObject([
    { name: 'api', slot: 'blue', changed: false },
    { name: 'web', slot: 'green', changed: true },
  ]);
  expect(await project.ask('web')).toMatchObject({ version: '2', slot: 'green' });

  const status = await environment.status();
  expect(status).toMatchObject({ environment: 'demo', lock: null, interrupted: null });
  expect(status.services).toMatchObject([
    { name: 'api', live: { slot: 'blue', release: first.release, healthy: true }, idle: null },
    {
      name: 'web',
      live: { slot: 'green', release: third.release, healthy: true, state: 'running' },
      idle: { slot: 'blue', release: first.release, healthy: false, state: 'stopped' },
    },
  ]);
});

it('lets a caller find another service by an address that stays', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  const { api = '' } = await project.ask('web');
  expect(await (await fetch(api)).json()).toMatchObject({ service: 'api', slot: 'blue' });

  await project.commit({ 'services/api/version': '2' });
  await project.environment.deploy({ services: ['api'] });
  expect(await (await fetch(api)).json()).toMatchObject({ service: 'api', version: '2', slot: 'green' });
});

it('refuses a version that never becomes healthy, says why, and leaves the old one as it was', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  const before = await environment.status();

  await project.commit({ 'services/api/version': 'unhealthy', 'services/web/version': '2' });
  await expect(environment.deploy()).rejects.toMatchObject({
    code: 'ORCHESTRATOR_RELEASE_REFUSED',
    message: expect.stringContaining('answered 503: the queue is not reachable') as string,
    details: { outcome: 'refused', reasonCode: 'BLUEGREEN_HEALTH_TIMEOUT' },
  });

  const after = await environment.status();
  expect(after.services.map(({ live }) => live)).toEqual(before.services.map(({ live }) => live));
  expect(after.services.every(({ idle }) => idle?.state !== 'running')).toBe(true);
  expect(after.interrupted).toBeNull();
  expect(await environment.history()).toMatchObject([{ outcome: 'refused' }, { outcome: 'deployed' }]);
});

it('refuses a version that crashes, at once and with its last lines', async () => {
  await using project = await createProject();
  await project.commit({ 'services/api/version': 'crashes' });
  await expect(project.environment.deploy()).rejects.toMatchObject({
    message: expect.stringMatching(/exit code 3[\s\S]*cannot find its configuration/) as string,
    details: { reasonCode: 'BLUEGREEN_CRASHED' },
  });
});

it('refuses before anything starts when a secret is missing or a migration fails', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();

  await project.commit({ 'services/api/migrations/0002_broken.up.sql': 'ALTER TABLE nowhere ADD COLUMN x;\n' });
  await expect(environment.deploy()).rejects.toMatchObject({ details: { reasonCode: 'MIGRATIONS_FAILED' } });
  await project.write({ '.env': '' });
  await expect(environment.deploy()).rejects.toMatchObject({ code: 'SECRETS_MISSING' });
  expect((await environment.status()).services[0]?.idle).toBeNull();
});

it('rolls back to the release before, and from there not into nothing', async () => {
  await using project = await createProject();
  const { environment } = project;
  const first = await environment.deploy();
  await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
  const second = await environment.deploy();
  await project.commit({ 'services/api/version': 'crashes' });
  await expect(environment.deploy()).rejects.toThrow();

  const events: ReleaseEvent[] = [];
  const back = await environment.rollback({ onEvent: (event) => events.push(event) });
  expect(back).toMatchObject({ outcome: 'rolled-back' });
  expect(back.services.map(({ digest }) => digest)).toEqual(first.services.map(({ digest }) => digest));
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  expect(await project.ask('web')).toMatchObject({ version: '1' });
  const kinds = events.flatMap((event) => (event.type === 'step-started' ? [event.step.kind] : []));
  expect(kinds).not.toContain('image');
  expect(kinds).not.toContain('migrate');

  const [latest] = await environment.history();
  expect(latest).toMatchObject({ outcome: 'rolled-back', restores: first.release, previousHealthy: second.release });
  await expect(environment.rollback()).rejects.toMatchObject({ code: 'IMAGE_STORE_NO_ROLLBACK_TARGET' });

  expect(await environment.rollback({ to: second.release ?? '' })).toMatchObject({ outcome: 'rolled-back' });
  expect(await project.ask('api')).toMatchObject({ version: '2' });
});

it('rolls back one service and leaves the other', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
  await project.environment.deploy();
  await project.environment.rollback({ services: ['web'] });
  expect(await project.ask('web')).toMatchObject({ version: '1' });
  expect(await project.ask('api')).toMatchObject({ version: '2' });
});

it('restarts a service whose secret or variables changed, and rolls back although the old secret is gone', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();

  await project.write({ '.env': "TOKEN='another-secret-value'\n" });
  expect((await environment.plan()).services).toMatchObject([
    { name: 'api', change: 'start', reason: 'secret TOKEN rotated' },
    { name: 'web', change: 'keep' },
  ]);
  await environment.deploy();
  expect(await project.ask('api')).toMatchObject({ token: 20 });

  await environment.rollback();
  expect(await project.ask('api')).toMatchObject({ token: 20 });
});

it('gives a service the secrets it names, and not what these refer to; that is restarted for, and comes back', async () => {
  await using project = await createProject();
  const { environment } = project;
  await project.write({ '.env': "TOKEN='s3cret-{{maestro:PART}}'\nPART='canary'\n" });
  await environment.deploy();
  expect(await project.ask('api')).toMatchObject({ token: 13 });
  expect(await project.ask('api')).not.toHaveProperty('part');

  await project.write({ '.env': "TOKEN='s3cret-{{maestro:PART}}'\nPART='canary-2'\n" });
  await environment.deploy();
  expect(await project.ask('api')).toMatchObject({ token: 15 });
  await environment.rollback();
  expect(await project.ask('api')).not.toHaveProperty('part');
});

it('takes a service away that is no longer in the registry', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  const { web } = configuration.services;
  const smaller = { ...configuration, services: { web: { ...web, dependsOn: [] } } };
  await project.commit({ 'maestro.config.json': JSON.stringify(smaller) });
  const { openEnvironment } = await import('../../src/index.ts');
  await using environment = await openEnvironment({ config: project.config, environment: 'demo' });
  await environment.deploy();
  const { services } = await environment.status();
  expect(services).toMatchObject([{ name: 'web', live: { slot: 'blue' } }]);
  expect(await project.ask('api')).toMatchObject({ service: 'web' });
});

it('keeps the routes of what is live until the switch, also of what a refused release would take away', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  const { url } = await project.environment.status();
  const at = async (path: string) => (await (await fetch(`${url ?? ''}${path}`)).json()) as { service?: string };
  const { web } = configuration.services;
  const shop = { ...configuration, services: { web: { ...web, dependsOn: [], route: { path: '/shop' } } } };

  await project.commit({ 'maestro.config.json': JSON.stringify(shop), 'services/web/version': 'unhealthy' });
  const { openEnvironment } = await import('../../src/index.ts');
  await using environment = await openEnvironment({ config: project.config, environment: 'demo' });
  await expect(environment.deploy()).rejects.toMatchObject({ code: 'ORCHESTRATOR_RELEASE_REFUSED' });
  expect([(await at('/api')).service, (await at('/')).service]).toEqual(['api', 'web']);

  await project.commit({ 'services/web/version': '2' });
  await environment.deploy();
  expect((await at('/shop')).service).toBe('web');
  expect((await fetch(`${url ?? ''}/api`)).status).toBe(404);
});

it('deploys a changed route without starting anything', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  const { api, web } = configuration.services;
  const moved = { ...configuration, services: { api: { ...api, route: { path: '/v2' } }, web } };
  await project.commit({ 'maestro.config.json': JSON.stringify(moved) });
  const { openEnvironment } = await import('../../src/index.ts');
  await using environment = await openEnvironment({ config: project.config, environment: 'demo' });
  const result = await environment.deploy();
  expect(result).toMatchObject({ outcome: 'deployed', services: [{ changed: false }, { changed: false }] });
  const { url } = await environment.status();
  expect(await (await fetch(`${url ?? ''}/v2`)).json()).toMatchObject({ service: 'api', slot: 'blue' });
  expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
});

it('gives a commit an image of its own although its files were shipped before it was made', async () => {
  await using project = await createProject();
  await project.write({ 'services/web/version': '2' });
  await project.environment.deploy();
  await project.commit({});
  const { services } = await project.environment.deploy();
  expect(services[1]?.image).toMatch(/^shop-web:demo-[0-9a-f]{7}$/);
});

it('ships the working tree marked as such, and a named commit whatever the working tree says', async () => {
  await using project = await createProject();
  await project.write({ 'services/web/version': 'edited' });
  const dirty = await project.environment.deploy();
  expect(dirty.services[1]?.image).toMatch(/^shop-web:demo-[0-9a-f]{7}-dirty-[0-9a-f]{8}$/);
  expect(await project.ask('web')).toMatchObject({ version: 'edited' });

  const named = await project.environment.deploy({ ref: 'HEAD' });
  expect(named.services[1]?.image).toMatch(/^shop-web:demo-[0-9a-f]{7}$/);
  expect(await project.ask('web')).toMatchObject({ version: '1' });
});

it('plans without changing anything, and refuses a plan that no longer holds', async () => {
  await using project = await createProject();
  const { environment } = project;
  const plan = await environment.plan();
  expect(plan.steps.map(({ id }) => id)).toContain('migrate:api');
  expect(plan.steps.find(({ id }) => id === 'migrate:api')?.summary).toContain('0001_create_orders');
  // The key that names versions of secrets is all that planning needs to keep.
  expect(await readdir(join(project.folder, '.maestro/demo'))).toEqual(['fingerprint.key']);

  await project.commit({ 'services/web/version': '2' });
  await expect(environment.deploy({ planHash: plan.hash })).rejects.toMatchObject({
    code: 'ORCHESTRATOR_PLAN_CHANGED',
  });
  const now = await environment.plan();
  expect(await environment.deploy({ planHash: now.hash })).toMatchObject({ outcome: 'deployed' });
});

it('lets one of two deployers act and tells the other who does', async () => {
  await using project = await createProject();
  const results = await Promise.allSettled([project.environment.deploy(), project.environment.deploy()]);
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  recordFaults({
    promised: 'only one deployer switches',
    fault: 'two deployments begun at once in one process',
    times: 1,
    checked: { deployments: 2 },
    wrong: { 'deployments that both went on': refused.length === 1 ? 0 : 1 },
  });
  expect(refused).toMatchObject([{ code: 'ORCHESTRATOR_LOCKED' }]);
  expect(await project.environment.history()).toHaveLength(1);
});

it('stops cleanly when it is interrupted before the switch', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': 'unhealthy' });
  const interrupt = new AbortController();
  const deploying = environment.deploy({
    signal: interrupt.signal,
    onEvent: (event) => {
      if (event.type === 'step-started' && event.step.kind === 'probe') interrupt.abort(new Error('Ctrl-C'));
    },
  });
  await expect(deploying).rejects.toMatchObject({ code: 'ORCHESTRATOR_RELEASE_REFUSED' });
  const { services, interrupted, lock } = await environment.status();
  expect(services[0]).toMatchObject({ live: { healthy: true }, idle: { state: 'stopped' } });
  expect({ interrupted, lock }).toEqual({ interrupted: null, lock: null });
});

it('writes no secret to any file', async () => {
  await using project = await createProject();
  await project.environment.deploy();
  await project.commit({ 'services/api/version': 'crashes' });
  await project.environment.deploy().catch(() => undefined);
  const state = join(project.folder, '.maestro');
  const files = (await readdir(state, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(20);
  const held: string[] = [];
  for (const file of files) {
    if ((await readFile(join(file.parentPath, file.name))).includes('s3cret-canary')) held.push(file.name);
  }
  recordFaults({
    promised: 'secrets stay secret',
    fault: 'a secret looked for in all files of an embedded environment, after a crash of the service that has it',
    times: 1,
    checked: { files: files.length },
    wrong: { 'files that hold it': held.length },
  });
  expect(held).toEqual([]);
});
