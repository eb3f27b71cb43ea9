import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import type {
  EachHookContext,
  MigrationEvent,
  MigrationHooks,
  Migrations,
  MigrationsOptions,
} from '../../src/index.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { ended, finished, runner, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';
import type { Target } from '../target.ts';

interface HookedScenario {
  readonly folder: string;
  readonly target: Target;
  open(options?: Partial<MigrationsOptions>): Migrations;
  write(file: string, text: string): Promise<void>;
  rows(sql: string): Record<string, unknown>[] | Promise<Record<string, unknown>[]>;
}

interface Kind {
  readonly create: () => Promise<HookedScenario>;
  /** Whether a migration is kept as a whole or not at all. */
  readonly isWhole: boolean;
}

const timeout = 300_000;
const files = {
  '0001_first.up.sql': 'CREATE TABLE a (id INTEGER);',
  '0001_first.down.sql': 'DROP TABLE a;',
  '0002_second.up.sql': 'CREATE TABLE b1 (id INTEGER);\nCREATE TABLE b2 (id INTEGER);',
  '0002_second.down.sql': 'DROP TABLE b2;\nDROP TABLE b1;',
};
const inSteps = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, `-- transaction: off\n${text}`]));
const names = ['0001_first', '0002_second'];
const points = ['beforeRun', ...names.flatMap((name) => [`beforeEach ${name}`, `afterEach ${name}`]), 'afterRun'];

/** Hooks that write down where they are called; at one place they do something else as well. */
function hooksText(place: string, otherwise: string): string {
  return `
    async function reached(db, place) {
      await db.execute("INSERT INTO calls VALUES ('" + place + "')");
      if (place === '${place}') ${otherwise};
    }
    export async function beforeRun({ db }) {
      await db.execute('CREATE TABLE IF NOT EXISTS calls (place VARCHAR(100))');
      await reached(db, 'beforeRun');
    }
    export const beforeEach = ({ db, migration }) => reached(db, 'beforeEach ' + migration.name);
    export const afterEach = ({ db, migration }) => reached(db, 'afterEach ' + migration.name);
    export const afterRun = ({ db }) => reached(db, 'afterRun');
  `;
}

async function places(scenario: HookedScenario): Promise<unknown[]> {
  return (await scenario.rows('SELECT place FROM calls')).map(({ place }) => place);
}

/** What is recorded when the run ends at this place. */
function appliedAt(place: string): string[] {
  if (place === 'afterRun') return names;
  return place.endsWith('0002_second') ? ['0001_first'] : [];
}

function unfinishedAt(place: string, { isWhole }: Kind) {
  const name = place.replace('afterEach ', '');
  if (isWhole || !place.startsWith('afterEach ')) return [];
  const total = name === '0001_first' ? 1 : 2;
  return [{ name, direction: 'up', done: total, total, unknown: null }];
}

/** What was applied is what is recorded; the next run goes on, and calls what was not called to its end. */
async function expectRest(scenario: HookedScenario, place: string, kind: Kind): Promise<void> {
  await using migrations = scenario.open();
  const { applied, unfinished } = await migrations.status();
  expect(applied.map(({ name }) => name)).toEqual(appliedAt(place));
  expect(unfinished).toEqual(unfinishedAt(place, kind));
  const before = await places(scenario);
  await scenario.write('hooks.mjs', hooksText('', ''));
  await migrations.run();
  expect(await migrations.status()).toMatchObject({ pending: [], unfinished: [] });
  const all = await places(scenario);
  const isComplete = place === 'afterRun';
  expect(all.length > before.length).toBe(!isComplete);
  for (const point of points) {
    const times = all.filter((called) => called === point).length;
    if (kind.isWhole && point.includes('Each')) expect(times, point).toBe(1);
    else expect(times, point).toBeGreaterThan(0);
  }
}

function itHolds(kind: Kind): void {
  it('is killed in any hook: what is recorded was done, and the next run goes on', { timeout }, async () => {
    const killed = points.map(async (place) => {
      const scenario = await kind.create();
      await scenario.write('hooks.mjs', hooksText(place, "process.kill(process.pid, 'SIGKILL')"));
      expect(await ended(start(runner, scenario))).toMatchObject({ isKilled: true });
      await expectRest(scenario, place, kind);
    });
    await Promise.all(killed);
  });

  it('has a hook that throws, anywhere: the error names it, and the next run goes on', { timeout }, async () => {
    for (const place of points) {
      const scenario = await kind.create();
      await scenario.write('hooks.mjs', hooksText(place, "throw new Error('no')"));
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_HOOK_FAILED',
        message: expect.stringContaining(`hooks.mjs: ${place.split(' ')[0] ?? ''}: no`) as string,
      });
      await expectRest(scenario, place, kind);
    }
  });

  it('reverts with hooks', { timeout }, async () => {
    const scenario = await kind.create();
    await using migrations = scenario.open();
    await migrations.run();
    await scenario.write('hooks.mjs', hooksText('afterEach 0001_first', "throw new Error('no')"));
    await expect(migrations.rollback({ steps: 2 })).rejects.toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      hint: expect.stringContaining('maestro migrate rollback --service api') as string,
    });
    expect((await migrations.status()).applied.map(({ name }) => name)).toEqual(['0001_first']);
    await scenario.write('hooks.mjs', hooksText('', ''));
    await migrations.rollback({ steps: 1 });
    expect(await migrations.status()).toMatchObject({ applied: [], unfinished: [] });
    expect((await places(scenario)).at(-1)).toBe('afterRun');
  });

  it('has several runners at once: one of them calls the hooks', { timeout }, async () => {
    const scenario = await kind.create();
    await scenario.write('hooks.mjs', hooksText('', ''));
    await Promise.all(Array.from({ length: 5 }, () => finished(start(runner, scenario))));
    expect(await places(scenario)).toEqual(points);
  });
}

/** A hook of the run meets a table that somebody holds until it is noticed. */
async function expectPatience(scenario: HookedScenario, sql: string, letGo: () => unknown): Promise<void> {
  const events: string[] = [];
  const onEvent = ({ type }: MigrationEvent) => {
    events.push(type);
    if (type === 'waiting-for-lock') letGo();
  };
  await using migrations = scenario.open({ onEvent, hooks: { afterRun: ({ db }) => db.execute(sql) } });
  await migrations.run();
  expect(events.slice(-3)).toEqual(['hook-started', 'waiting-for-lock', 'hook-finished']);
}

describe('SQLite', () => {
  itHolds({ create: () => SqliteScenario.create(files), isWhole: true });

  it('waits in a hook of the run for whoever writes', { timeout }, async () => {
    const scenario = await SqliteScenario.create(files);
    scenario.rows('CREATE TABLE held (id INTEGER)');
    const writer = scenario.connect();
    const beforeRun: MigrationHooks['beforeRun'] = ({ db }) => {
      writer.exec('BEGIN IMMEDIATE');
      return db.execute('INSERT INTO held VALUES (1)');
    };
    const onEvent = ({ type }: MigrationEvent) => {
      if (type === 'waiting-for-lock') writer.exec('COMMIT');
    };
    await using migrations = scenario.open({ hooks: { beforeRun }, onEvent });
    await migrations.run();
    writer.close();
    expect(scenario.rows('SELECT id FROM held')).toEqual([{ id: 1 }]);
  });
});

describeWith('PostgreSQL', ['postgresql'], (parts) => {
  const create = (some = files) => PostgresqlScenario.create(parts().postgresql.url, some);

  describe('in transactions', () => {
    itHolds({ create, isWhole: true });
  });
  describe('in steps', () => {
    itHolds({ create: () => create(inSteps as typeof files), isWhole: false });
  });

  it('has a role that a hook takes on for each migration, and writes the history as itself', async () => {
    const scenario = await create();
    await scenario.rows(`GRANT ALL ON SCHEMA ${scenario.schema} TO pg_monitor`);
    const beforeEach: MigrationHooks['beforeEach'] = ({ db }) => db.execute('SET LOCAL ROLE pg_monitor');
    await using migrations = scenario.open({ hooks: { beforeEach } });
    await migrations.run();
    const owners = await scenario.rows(
      `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '${scenario.schema}' AND tablename ~ '^(a|b.)$'`,
    );
    expect(owners).toEqual([{ tableowner: 'pg_monitor' }]);
    expect(await migrations.status()).toMatchObject({ pending: [] });
  });

  it('in steps, writes the history as itself although a hook has taken on a role', async () => {
    const scenario = await create(inSteps as typeof files);
    const takeOn = ({ db }: EachHookContext) => db.execute('SET ROLE pg_monitor');
    const fail = async (context: EachHookContext) => {
      await takeOn(context);
      throw new Error('no');
    };
    await using failing = scenario.open({ hooks: { beforeEach: takeOn, afterEach: fail } });
    await expect(failing.run()).rejects.toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      details: { done: 1, total: 1 },
    });
    await using migrations = scenario.open({ hooks: { beforeEach: takeOn, afterEach: takeOn } });
    await migrations.run();
    expect(await migrations.status()).toMatchObject({ pending: [], unfinished: [] });
  });

  it('has hooks of the run outside of a transaction, which wait for whoever holds a table', { timeout }, async () => {
    const scenario = await create();
    await using holder = await scenario.connect();
    await scenario.rows('CREATE TABLE held (id integer)');
    await holder.query('BEGIN; SELECT * FROM held');
    await expectPatience(scenario, 'VACUUM a; TRUNCATE held; CREATE INDEX CONCURRENTLY held_id ON held (id)', () =>
      holder.query('COMMIT'),
    );
    expect(await scenario.invalidIndexes()).toEqual([]);
  });
});

describeWith('PostgreSQL behind a pooler', ['postgresql', 'pgbouncer'], (parts) => {
  it('calls the hooks, with the schema that it was opened with', { timeout }, async () => {
    const { url } = await parts().pgbouncer.start({ url: parts().postgresql.url, serverConnections: 8 });
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, files);
    await scenario.write('hooks.mjs', hooksText('', ''));
    await using migrations = scenario.open({ database: scenario.database({ url }) });
    await migrations.run();
    expect(await places(scenario)).toEqual(points);
  });
});

describeWith('MariaDB', ['mariadb'], (parts) => {
  const create = () => MysqlScenario.create(parts().mariadb.url, files);
  itHolds({ create, isWhole: false });

  it('has hooks of the run that wait for whoever holds a table', { timeout }, async () => {
    const scenario = await create();
    await using holder = await scenario.connect();
    await scenario.rows('CREATE TABLE held (id INT)');
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM held');
    await expectPatience(scenario, 'TRUNCATE held', () => holder.query('COMMIT'));
  });
});
