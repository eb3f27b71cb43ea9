import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { migrateProject } from './migrate-project.ts';

const slow = { timeout: 120_000 };
const canary = 'canary-51ce';

const create = (table: string) => `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, total INTEGER)`;
const sqlite = { adapter: 'sqlite', file: 'web.db' };
const upDown = (path: string, up: string, down: string) => ({ [`${path}.up.sql`]: up, [`${path}.down.sql`]: down });

describeWith('maestro migrate', ['postgresql', 'mariadb'], (parts) => {
  /** The same server and database for a user with a password; it is made, and goes again, by migrations as well. */
  const mariadbUser = async () => {
    const { url } = parts().mariadb;
    const database = new URL(url).pathname.slice(1);
    const user = `'${database}'@'%'`;
    const project = await migrateProject({
      services: { users: { adapter: 'mysql', urlSecret: 'ROOT_URL' } },
      secrets: { ROOT_URL: url },
      files: upDown(
        'users/migrations/0001_user',
        `CREATE USER ${user} IDENTIFIED BY '${canary}'; GRANT ALL ON ${database}.* TO ${user}`,
        `DROP USER ${user}`,
      ),
    });
    const made = await project.migrate('run');
    if (made.exitCode !== 0) throw new Error(made.stderr);
    return {
      url: Object.assign(new URL(url), { username: database, password: canary }),
      [Symbol.asyncDispose]: async () => {
        await project.migrate('rollback', '--service', 'users', '--yes');
        await project[Symbol.asyncDispose]();
      },
    };
  };
  /** The server takes any password. */
  const postgresqlUrl = () => Object.assign(new URL(parts().postgresql.url), { password: canary });

  it('carries databases of three kinds from nothing to a rollback, and prints no password', slow, async () => {
    await using user = await mariadbUser();
    const { hostname, port, username, pathname } = user.url;
    await using project = await migrateProject({
      services: {
        api: { adapter: 'postgresql', urlSecret: 'API_URL' },
        ops: {
          adapter: 'mysql',
          host: hostname,
          port: Number(port),
          database: pathname.slice(1),
          user: username,
          passwordSecret: 'OPS_PASSWORD',
        },
        web: sqlite,
      },
      secrets: { API_URL: postgresqlUrl().href, OPS_PASSWORD: canary },
      files: {
        ...upDown('api/migrations/0001_orders', create('orders'), 'DROP TABLE orders'),
        ...upDown('ops/migrations/0001_orders', create('ops_orders'), 'DROP TABLE ops_orders'),
        ...upDown('web/migrations/0001_orders', create('orders'), 'DROP TABLE orders'),
      },
    });

    const dryRun = await project.migrate('run', '--dry-run');
    expect(dryRun).toMatchObject({ exitCode: 0, stderr: '' });
    expect(dryRun.stdout).toContain(
      `-- api: 1 to apply\n\n-- 0001_orders: expand, one transaction\n${create('orders')};`,
    );
    const hash = /-- Plan (\w+)\n/.exec(dryRun.stdout)?.[1] ?? '';
    await project.write(upDown('web/migrations/0002_more', create('more'), 'DROP TABLE more'));
    const changed = await project.json('run', '--plan', hash);
    expect([changed.exitCode, changed.result.error]).toMatchObject([3, { code: 'MIGRATIONS_PLAN_CHANGED' }]);
    const { result: planned } = await project.json('run', '--dry-run');
    const ran = await project.json('run', '--plan', String(planned.hash));
    expect([ran.exitCode, ran.result]).toMatchObject([
      0,
      {
        ok: true,
        databases: [
          { name: 'api', outcome: 'done', applied: ['0001_orders'] },
          { name: 'ops', outcome: 'done', applied: ['0001_orders'] },
          { name: 'web', outcome: 'done', applied: ['0001_orders', '0002_more'] },
        ],
      },
    ]);
    expect(new Set(ran.events.map(({ database }) => database))).toEqual(new Set(['api', 'ops', 'web']));
    expect((await project.migrate('run')).stdout).toBe('api  up to date\nops  up to date\nweb  up to date\n');
    expect((await project.migrate('status')).stdout).toMatch(/^api {2}1 applied {2}up to date[^]*^web {2}2 applied/m);

    for (const service of ['api', 'ops', 'web']) {
      const reverted = await project.migrate('rollback', '--service', service, '--yes');
      expect(reverted).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('reverted 000') as string });
    }
    const { result } = await project.json('status');
    expect(result.databases).toMatchObject([
      { name: 'api', status: { applied: [], pending: ['0001_orders'] } },
      { name: 'ops', status: { applied: [], pending: ['0001_orders'] } },
      { name: 'web', status: { pending: ['0002_more'] } },
    ]);
    expect(project.printed.join('\n')).not.toContain(canary);
  });

  it('says what fails on which database, and prints no password then either', slow, async () => {
    const unreachable = Object.assign(postgresqlUrl(), { port: '1' });
    const denied = Object.assign(new URL(parts().mariadb.url), { username: 'nobody', password: canary });
    await using project = await migrateProject({
      services: {
        api: { adapter: 'postgresql', urlSecret: 'API_URL' },
        away: { adapter: 'postgresql', urlSecret: 'AWAY_URL' },
        denied: { adapter: 'mysql', urlSecret: 'DENIED_URL' },
        none: { adapter: 'mysql', urlSecret: 'NO_URL' },
        web: sqlite,
      },
      secrets: {
        API_URL: postgresqlUrl().href,
        AWAY_URL: unreachable.href,
        DENIED_URL: denied.href,
        NO_URL: `mysql:/${canary}@`,
      },
      files: {
        'api/migrations/0001_bad.up.sql': 'CREATE TABLE t (id INTEGER);\nSELECT * FROM nowhere',
        'away/migrations/0001_orders.up.sql': create('orders'),
        'denied/migrations/0001_orders.up.sql': create('orders'),
        'none/migrations/0001_orders.up.sql': create('orders'),
        'web/migrations/0001_orders.up.sql': create('orders'),
      },
    });
    const refused = await project.json('run', '--verbose');
    expect([refused.exitCode, refused.result]).toMatchObject([
      3,
      {
        error: { code: 'MIGRATIONS_BATCH_REFUSED' },
        databases: [
          { name: 'away', error: { code: 'MIGRATIONS_DATABASE_FAILED' } },
          { name: 'denied', error: { code: 'MIGRATIONS_DATABASE_FAILED' } },
          { name: 'none', error: { code: 'ORCHESTRATOR_BAD_DATABASE_URL' } },
        ],
      },
    ]);
    const status = await project.migrate('status', '--verbose');
    expect(status.exitCode).toBe(1);
    expect(status.stdout).toMatch(/^away +unknown +MIGRATIONS_DATABASE_FAILED: [^]*^web +0 applied +1 pending/m);
    const failed = await project.migrate('run', '--service', 'api', '--service', 'web', '--verbose');
    expect(failed).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^api +failed +MIGRATIONS_FAILED: [^]*^web +done +applied 0001_orders$/m) as string,
    });
    const rollback = await project.migrate('rollback', '--service', 'denied', '--yes', '--verbose');
    expect(rollback).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Access denied') as string });
    expect(project.printed.join('\n')).not.toContain(canary);
  });
});

describe('maestro migrate without a server', () => {
  it('refuses drift, a missing file and what the lint finds, and writes the next files', slow, async () => {
    await using project = await migrateProject({
      services: { web: sqlite },
      secrets: {},
      files: { 'web/migrations/0001_orders.up.sql': create('orders') },
    });
    expect(await project.migrate('run')).toMatchObject({ exitCode: 0, stdout: 'web  done  applied 0001_orders\n' });
    expect((await project.migrate('create', 'web', 'drop total')).stdout).toMatch(/0002_drop_total\.up\.sql\n/);
    await project.write({ 'web/migrations/0002_drop_total.up.sql': 'ALTER TABLE orders DROP COLUMN total' });
    const lint = await project.json('lint');
    expect([lint.exitCode, lint.result]).toMatchObject([
      3,
      { error: { code: 'CLI_LINT_REFUSED' }, findings: [{ service: 'web', file: '0002_drop_total.up.sql' }] },
    ]);
    const codes = async () => {
      const { exitCode, result } = await project.json('run');
      return [exitCode, result.databases];
    };
    expect(await codes()).toMatchObject([3, [{ name: 'web', error: { code: 'MIGRATIONS_UNSAFE' } }]]);
    await project.write({
      'web/migrations/0001_orders.up.sql': create('customers'),
      'web/migrations/0002_drop_total.up.sql': create('more'),
    });
    expect(await codes()).toMatchObject([3, [{ name: 'web', error: { code: 'MIGRATIONS_DRIFTED' } }]]);
    const adopt = await project.migrate('adopt', '--service', 'web', '--from', 'flyway');
    expect(adopt).toMatchObject({ exitCode: 3, stdout: '' });
    const repair = await project.migrate('repair', '--service', 'web', '--retry', '0001_orders');
    expect(repair).toMatchObject({ exitCode: 2 });
  });

  it('calls the hooks of the file beside the migrations, which is no migration', slow, async () => {
    const hooks = (reason: string) => `
      import type { EachHookContext, RunHookContext } from '@maestro/migrations';
      export async function afterEach({ db, migration }: EachHookContext): Promise<void> {
        await db.execute("INSERT INTO orders (total) VALUES (" + migration.name.length + ")");
      }
      export function afterRun({ migrations }: RunHookContext): void {
        if ('${reason}' !== '' && migrations.length > 0) throw new Error('${reason}');
      }`;
    await using project = await migrateProject({
      services: { web: sqlite },
      secrets: {},
      files: {
        ...upDown('web/migrations/0001_orders', create('orders'), 'DROP TABLE orders'),
        'web/migrations/hooks.ts': hooks('no cache to clear'),
      },
    });
    const dryRun = await project.migrate('run', '--dry-run');
    expect(dryRun.stdout).toMatch(/^-- calls the hooks of \/.*\/web\/migrations\/hooks\.ts$/m);
    expect(await project.json('lint')).toMatchObject({ exitCode: 0, result: { findings: [] } });
    const failed = await project.json('run');
    expect([failed.exitCode, failed.result.databases]).toMatchObject([
      1,
      [{ name: 'web', outcome: 'failed', applied: ['0001_orders'], error: { code: 'MIGRATIONS_HOOK_FAILED' } }],
    ]);
    expect((await project.migrate('status')).stdout).toMatch(/^web {2}1 applied {2}up to date/);

    await project.write({ 'web/migrations/hooks.ts': hooks('') });
    await project.write(upDown('web/migrations/0002_more', create('more'), 'DROP TABLE more'));
    expect(await project.migrate('run')).toMatchObject({
      exitCode: 0,
      stdout: 'web  done  applied 0002_more\n',
      stderr: expect.stringMatching(/hook web: afterRun … \d+ ms\n/) as string,
    });
    const reverted = await project.migrate('rollback', '--service', 'web', '--yes');
    expect(reverted).toMatchObject({ exitCode: 0, stdout: 'web: reverted 0002_more.\n' });
  });

  it('loads no client of a database that no service has', slow, async () => {
    const refusing = `--import=data:text/javascript,${encodeURIComponent(refuseClients)}`;
    await using project = await migrateProject({
      services: { web: sqlite },
      secrets: {},
      files: { 'web/migrations/0001_orders.up.sql': create('orders') },
      nodeOptions: [refusing],
    });
    expect(await project.migrate('run')).toMatchObject({
      exitCode: 0,
      stderr: expect.not.stringContaining('loaded') as string,
    });
  });
});

const refuseClients = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (/^(?:pg|mysql2|libpg-query)(?:\\/|$)/.test(specifier)) throw new Error('loaded ' + specifier);
    return next(specifier, context);
  },
});`;
