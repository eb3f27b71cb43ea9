import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';

import { reportError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, describe, expect, it } from 'vitest';

import { type BatchEvent, type Environment, openEnvironment } from '../../src/index.ts';
import { configuration, createProject } from './project.ts';

const canary = 'canary-7f3a';
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

interface ProjectOptions {
  readonly services: object;
  readonly files: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly runtime?: 'docker' | 'embedded';
}

/** An environment whose services are only migrated, and its folder. */
async function openProject({ services, files, secrets = {}, runtime = 'embedded' }: ProjectOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-migrations-'));
  folders.push(folder);
  const config = {
    project: 'shop',
    services,
    environments: { demo: { runtime, proxy: { port: 0 }, secrets: { source: 'dotenv', file: '.env' } } },
  };
  const env = Object.entries(secrets).map(([name, value]) => `${name}='${value}'\n`);
  const all = { ...files, 'maestro.config.json': JSON.stringify(config), '.env': env.join('') };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: 0o600 });
  }
  const environment = await openEnvironment({ config: join(folder, 'maestro.config.json'), environment: 'demo' });
  return { folder, environment };
}

const service = (name: string, database?: object, more: object = {}) => ({
  context: name,
  command: ['node', 'main.js'],
  ...(database === undefined ? {} : { database }),
  ...more,
});
const sqlite = (name: string) => service(name, { adapter: 'sqlite', file: `${name}.db` });
const orders = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);\n';

describe('the migrations of an environment', () => {
  it('are planned, run and shown for all databases, by the files of the working tree', async () => {
    const { environment, folder } = await openProject({
      services: {
        api: service('api', { adapter: 'sqlite', file: 'api.db', dump: 'schema.sql' }),
        web: sqlite('web'),
        proxy: service('proxy'),
      },
      files: {
        'api/migrations/0001_orders.up.sql': orders,
        'web/migrations/0001_pages.up.sql': 'CREATE TABLE pages (id INTEGER PRIMARY KEY);\n',
      },
    });
    const { migrations } = environment;
    const plan = await migrations.plan();
    expect(
      plan.databases.map(({ name, plan: { migrations: planned } }) => [name, planned.map(({ name }) => name)]),
    ).toEqual([
      ['api', ['0001_orders']],
      ['web', ['0001_pages']],
    ]);
    expect(plan.databases[0]?.plan.migrations[0]?.statements).toEqual([orders.trim()]);

    const events: BatchEvent[] = [];
    const ran = await migrations.run({ planHash: plan.hash, onEvent: (event) => events.push(event) });
    expect(ran.databases).toEqual([
      { name: 'api', outcome: 'done', applied: ['0001_orders'] },
      { name: 'web', outcome: 'done', applied: ['0001_pages'] },
    ]);
    expect(new Set(events.map(({ database }) => database))).toEqual(new Set(['api', 'web']));
    expect(await readFile(join(folder, 'api/schema.sql'), 'utf8')).toContain('CREATE TABLE orders');
    await expect(migrations.run({ planHash: plan.hash })).rejects.toMatchObject({ code: 'MIGRATIONS_PLAN_CHANGED' });

    const { databases } = await migrations.status({ services: ['web'] });
    expect(databases).toEqual([
      { name: 'web', status: expect.objectContaining({ service: 'web', pending: [], drifted: [] }) as unknown },
    ]);
  });

  it('touch no database where the lint refuses one, unless that one is new', async () => {
    const { environment, folder } = await openProject({
      services: { api: sqlite('api'), web: sqlite('web') },
      files: {
        'api/migrations/0001_orders.up.sql': orders,
        'api/migrations/0002_drop.up.sql': 'ALTER TABLE orders DROP COLUMN total;\n',
        'web/migrations/0001_orders.up.sql': orders,
      },
    });
    const { migrations } = environment;
    const findings = await migrations.lint();
    expect(findings).toMatchObject([{ service: 'api', file: '0002_drop.up.sql', severity: 'error' }]);
    await migrations.run({ services: ['web'] });
    await writeFile(join(folder, 'web/migrations/0002_drop.up.sql'), 'ALTER TABLE orders DROP COLUMN total;\n');
    await expect(migrations.run()).rejects.toMatchObject({
      code: 'MIGRATIONS_BATCH_REFUSED',
      details: { databases: [{ name: 'web', error: { code: 'MIGRATIONS_UNSAFE' } }] },
    });
    expect(pendingOf(await migrations.status())).toEqual({ api: ['0001_orders', '0002_drop'], web: ['0002_drop'] });
    const { databases } = await migrations.run({ services: ['api'] });
    expect(databases[0]?.applied).toEqual(['0001_orders', '0002_drop']);
  });

  it('are written, reverted and adopted for one service', async () => {
    const { environment, folder } = await openProject({
      services: { api: sqlite('api'), web: service('web') },
      files: { 'api/migrations/0001_orders.up.sql': orders },
    });
    const { migrations } = environment;
    expect(await migrations.adopt({ service: 'api', from: 'plain', upTo: '0001_orders' })).toMatchObject({
      adopted: ['0001_orders'],
    });
    const [up = '', down = ''] = await migrations.create({ service: 'api', name: 'add customers', kind: 'sql' });
    expect(up).toBe(join(folder, 'api/migrations/0002_add_customers.up.sql'));
    await writeFile(up, 'CREATE TABLE customers (id INTEGER PRIMARY KEY);\n');
    await writeFile(down, 'DROP TABLE customers;\n');
    await migrations.run();
    const events: BatchEvent[] = [];
    const onEvent = (event: BatchEvent) => events.push(event);
    expect(await migrations.rollback({ service: 'api', steps: 1, onEvent })).toEqual({
      reverted: ['0002_add_customers'],
    });
    expect(events.at(-1)).toMatchObject({ type: 'migration-reverted', database: 'api' });
    await expect(migrations.repair({ service: 'api', retry: '0001_orders' })).rejects.toMatchObject({
      code: 'MIGRATIONS_NOTHING_TO_REPAIR',
    });
    await expect(migrations.create({ service: 'web', name: 'x', kind: 'sql' })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_NO_DATABASE',
    });
  });

  it.each([
    ['no URL', `${canary} is no url`],
    ['the URL of something else', `https://ada:${canary}@example.com/shop`],
    ['a URL without a database', `postgres://ada:${canary}@127.0.0.1:1`],
  ])('do not repeat a secret that is %s', async (_, value) => {
    const { environment } = await openProject({
      services: { api: service('api', { adapter: 'postgresql', urlSecret: 'DATABASE_URL' }) },
      files: { 'api/migrations/0001_orders.up.sql': orders },
      secrets: { DATABASE_URL: value },
    });
    const { databases } = await environment.migrations.status();
    expect(databases).toMatchObject([{ name: 'api', error: { code: 'ORCHESTRATOR_BAD_DATABASE_URL' } }]);
    const refused: unknown = await environment.migrations.run().catch((error: unknown) => error);
    const rolledBack: unknown = await environment.migrations
      .rollback({ service: 'api', steps: 1 })
      .catch((error: unknown) => error);
    expect(rolledBack).toMatchObject({ code: 'ORCHESTRATOR_BAD_DATABASE_URL' });
    const everything = inspect([databases, refused, rolledBack, reportError(refused)], { depth: 20, showHidden: true });
    expect(everything).not.toContain(canary);
  });

  it('say which certificate cannot be read', async () => {
    const { environment, folder } = await openProject({
      services: {
        api: service('api', {
          adapter: 'mysql',
          host: 'db',
          database: 'shop',
          user: 'ada',
          tls: { ca: 'nowhere.pem' },
        }),
      },
      files: { 'api/migrations/0001_orders.up.sql': orders },
    });
    await expect(environment.migrations.rollback({ service: 'api', steps: 1 })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_UNREADABLE_CERTIFICATE',
      details: { path: join(folder, 'nowhere.pem') },
    });
  });
});

const slow = { timeout: 60_000 };

it('wait in a deployment where they contract, until they are asked for', slow, async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({
    'services/api/version': '2',
    'services/api/migrations/0002_total.up.sql': 'ALTER TABLE orders ADD COLUMN total INTEGER;\n',
    'services/api/migrations/0003_drop.up.sql': '-- phase: contract\nDROP TABLE orders;\n',
  });
  const plan = await environment.plan();
  expect(plan.steps.find(({ id }) => id === 'migrate:api')?.summary).toMatch(/: 0002_total$/);
  expect(plan.services.find(({ name }) => name === 'api')?.waitingMigrations).toEqual(['0003_drop']);
  await environment.deploy();
  const { databases } = await environment.migrations.run({ phase: 'contract' });
  expect(databases).toEqual([{ name: 'api', outcome: 'done', applied: ['0003_drop'] }]);
});

it('are checked for all services of a deployment before any database is touched', slow, async () => {
  const { api, web } = configuration.services;
  await using project = await createProject();
  const withDatabases = {
    ...configuration,
    services: { api, web: { ...web, database: { adapter: 'sqlite', file: 'web.db' } } },
  };
  await project.commit({
    'maestro.config.json': JSON.stringify(withDatabases),
    'services/web/migrations/0001_pages.up.sql': 'CREATE TABLE pages (id INTEGER PRIMARY KEY);\n',
  });
  const environment = await openEnvironment({ config: project.config, environment: 'demo' });
  await environment.deploy();
  await project.commit({
    'services/web/migrations/0001_pages.up.sql': 'CREATE TABLE pages (id TEXT PRIMARY KEY);\n',
    'services/web/migrations/0002_title.up.sql': 'ALTER TABLE pages ADD COLUMN title TEXT;\n',
    'services/api/migrations/0002_total.up.sql': 'ALTER TABLE orders ADD COLUMN total INTEGER;\n',
  });
  await expect(environment.deploy()).rejects.toMatchObject({ details: { reasonCode: 'MIGRATIONS_DRIFTED' } });
  expect(pendingOf(await environment.migrations.status())).toEqual({
    api: ['0002_total'],
    web: ['0002_title'],
  });
});

it(
  'are refused by a deployment where they break the version that runs, unless that is excepted with a reason',
  slow,
  async () => {
    await using project = await createProject();
    const { environment } = project;
    await environment.deploy();
    const drop = 'ALTER TABLE orders RENAME TO invoices;\n';
    await project.commit({ 'services/api/migrations/0002_rename.up.sql': drop });
    await expect(environment.deploy()).rejects.toMatchObject({
      message: expect.stringContaining('0002_rename.up.sql:1: ') as string,
      details: { reasonCode: 'MIGRATIONS_UNSAFE' },
    });
    expect(pendingOf(await environment.migrations.status())).toEqual({ api: ['0002_rename'] });
    const excepted = `-- lint: allow rename-table because nothing reads it yet\n${drop}`;
    await project.commit({ 'services/api/migrations/0002_rename.up.sql': excepted });
    await environment.deploy();
    expect(pendingOf(await environment.migrations.status())).toEqual({ api: [] });
  },
);

it('are applied by a deployment with the hooks of the image', slow, async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  const hooks = 'services/api/migrations/hooks.mjs';
  await project.commit({
    [hooks]: "export function beforeRun() { throw new Error('there is no backup'); }\n",
    'services/api/migrations/0002_total.up.sql': 'ALTER TABLE orders ADD COLUMN total INTEGER;\n',
  });
  await expect(environment.deploy()).rejects.toMatchObject({ details: { reasonCode: 'MIGRATIONS_HOOK_FAILED' } });
  expect(pendingOf(await environment.migrations.status())).toEqual({ api: ['0002_total'] });
  await project.commit({ [hooks]: 'export function beforeRun() {}\n' });
  await environment.deploy();
  expect(pendingOf(await environment.migrations.status())).toEqual({ api: [] });
});

describeWith('a deployment on PostgreSQL', ['postgresql'], (parts) => {
  it('migrates a database whose URL only the migrations get, and one that the service is told', slow, async () => {
    const { url } = parts().postgresql;
    const withPassword = new URL(url);
    withPassword.password = canary;
    const { host, port, username, pathname } = new URL(url);
    await using project = await createProject();
    const { api, web } = configuration.services;
    const databases = {
      ...configuration,
      services: {
        api: { ...api, database: { adapter: 'postgresql', urlSecret: 'OWNER_URL' } },
        web: {
          ...web,
          command: ['node', '-e', printVariables],
          database: {
            adapter: 'postgresql',
            host: host.replace(`:${port}`, ''),
            port: Number(port),
            user: username,
            database: pathname.slice(1),
            passwordSecret: 'WEB_PASSWORD',
          },
        },
      },
    };
    await project.commit({
      'maestro.config.json': JSON.stringify(databases),
      'services/web/migrations/0001_pages.up.sql': 'CREATE TABLE pages (id INTEGER PRIMARY KEY);\n',
    });
    await project.write({ '.env': `TOKEN='t'\nOWNER_URL='${withPassword.href}'\nWEB_PASSWORD='${canary}'\n` });
    const environment = await openEnvironment({ config: project.config, environment: 'demo' });
    const plan = await environment.plan();
    expect(plan.steps.map(({ id }) => id)).toEqual(expect.arrayContaining(['migrate:api', 'migrate:web']));
    await environment.deploy();
    expect(pendingOf(await environment.migrations.status())).toEqual({ api: [], web: [] });

    const { url: address } = await environment.status();
    const variables = (await (await fetch(address ?? '')).json()) as Readonly<Record<string, string>>;
    expect(variables.DATABASE_URL).toBe(`postgresql://${username}@${host}${pathname}`);
    expect(JSON.stringify(variables)).not.toContain(canary);
  });
});

/** A server that tells its environment. */
const printVariables = `
require('node:http').createServer((_, response) => response.end(JSON.stringify(process.env)))
  .listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

type Status = Awaited<ReturnType<Environment['migrations']['status']>>;

function pendingOf({ databases }: Status): Readonly<Record<string, readonly string[] | undefined>> {
  return Object.fromEntries(
    databases.map((database) => [database.name, 'status' in database ? database.status.pending : undefined]),
  );
}
