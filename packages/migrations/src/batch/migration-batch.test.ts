import { describe, expect, it } from 'vitest';

import { BatchScenario } from '../../tests/batch-scenario.ts';
import { createTable } from '../../tests/scenario.ts';
import type { BatchEvent } from '../events.ts';
import type { MigrationHooks } from '../hooks/migration-hooks.ts';
import type { Finding } from '../lint/finding.ts';
import type { MigrationDatabase } from '../ports/migration-database.ts';
import { InMemoryMigrationDatabase } from '../testing/in-memory-migration-database.ts';
import type { BatchDatabase } from './batch-database.ts';

const both = ['0001_a', '0002_b'];

describe('run', () => {
  it('applies what is pending on each database, and closes them', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three');
    const result = await databases.batch({ concurrency: 2 }).run();
    expect(result.databases).toEqual(['one', 'two', 'three'].map((name) => ({ name, outcome: 'done', applied: both })));
    expect(databases).toMatchObject({ open: 0, mostOpen: 2 });
    expect(databases.about('database-finished').toSorted()).toEqual(['one', 'three', 'two']);
    expect(databases.events.filter(({ type }) => type === 'migration-applied')).toHaveLength(6);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('opens each database once where all may be open at once', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three');
    await databases.batch().plan();
    expect(databases.opens.splice(0).toSorted()).toEqual(['one', 'three', 'two']);
    expect(databases.open).toBe(0);
    await databases.batch().run();
    expect(databases.opens.toSorted()).toEqual(['one', 'three', 'two']);
    expect(databases.open).toBe(0);
  });

  it('opens only those that it migrates first once where no more may be open, and migrates in the order given', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const databases = await BatchScenario.create(...names);
    const { databases: results } = await databases.batch({ concurrency: 1 }).run();
    expect(results.map(({ name }) => name)).toEqual(names);
    expect(databases.opens).toEqual(['two', 'three', 'four', 'five', 'one', 'two', 'three', 'four', 'five']);
    expect(databases.about('database-started')).toEqual(names);
    expect(databases).toMatchObject({ open: 0, mostOpen: 1 });
  });

  it('never has more open than it may, whatever is pending', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `shop-${index}`);
    const databases = await BatchScenario.create(...names);
    const some = names.filter((_, index) => index % 3 === 0);
    await databases.batch({ databases: databases.only(...some) }).run();
    await databases.batch({ concurrency: 4 }).run();
    expect(databases.open).toBe(0);
    expect(databases.mostOpen).toBeLessThanOrEqual(4);
    expect(names.map((name) => databases.applied(name))).toEqual(names.map(() => 2));
  });

  it('calls hooks on each database that something is applied to; one that throws fails on its database alone', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three');
    await databases.batch({ databases: databases.only('three') }).run();
    const called: string[] = [];
    const list = databases.only('one', 'two', 'three').map((database): BatchDatabase => {
      const afterEach: MigrationHooks['afterEach'] = ({ migration }) => {
        called.push(`${database.name} ${migration.name}`);
        if (database.name === 'one' && migration.name === '0002_b') throw new Error('no');
      };
      return { ...database, hooks: { afterEach } };
    });
    const { databases: results } = await databases.batch({ databases: list, concurrency: 1 }).run();
    expect(results).toMatchObject([
      { name: 'one', outcome: 'failed', applied: ['0001_a'], error: { code: 'MIGRATIONS_HOOK_FAILED' } },
      { name: 'two', outcome: 'done', applied: both },
      { name: 'three', outcome: 'done', applied: [] },
    ]);
    expect(called).toEqual(['one 0001_a', 'one 0002_b', 'two 0001_a', 'two 0002_b']);
  });

  it('applies what was checked, though a file is edited before its turn', async () => {
    const databases = await BatchScenario.create('one', 'two');
    const edits: Promise<void>[] = [];
    const onEvent = ({ type }: BatchEvent) => {
      if (type === 'database-started') edits.push(databases.scenario.write('0002_b.up.sql', createTable('other')));
    };
    await databases.batch({ concurrency: 1, onEvent }).run();
    await Promise.all(edits);
    const checked = ['0001_a', '0002_b'].map(createTable);
    for (const name of ['one', 'two']) expect(databases.kept.get(name)?.statements).toEqual(checked);
  });

  it('goes on with the others where one fails, and says how far that one came', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three');
    const { opened } = databases;
    databases.opened = (name, database) => (name === 'two' ? failingAt('0002_b', database) : database);
    const { databases: results } = await databases.batch().run();
    expect(results).toMatchObject([
      { name: 'one', outcome: 'done' },
      { name: 'two', outcome: 'failed', applied: ['0001_a'], error: { code: 'MIGRATIONS_FAILED' } },
      { name: 'three', outcome: 'done' },
    ]);
    databases.opened = opened;
    databases.events.length = 0;
    const again = await databases.batch().run();
    expect(again.databases.map(({ outcome, applied }) => [outcome, applied])).toEqual([
      ['done', []],
      ['done', ['0002_b']],
      ['done', []],
    ]);
    expect(databases.about('database-started')).toEqual(['two']);
  });

  it('touches nothing when anything is wrong with any of them, and says what is wrong with each', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three', 'four');
    databases.opened = (name, database) => {
      if (name === 'two') return { ...database, history: () => Promise.reject(new Error('nobody there')) };
      if (name !== 'four') return database;
      return {
        ...database,
        history: () => Promise.resolve({ applied: [], unfinished: [unknown] }),
        lock: locked(unknown),
      };
    };
    await expect(databases.batch().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_BATCH_REFUSED',
      message: expect.stringMatching(
        /^2 of 4 databases cannot be migrated, none was touched\n {2}two: nobody there\n {2}four: /,
      ) as string,
      details: {
        databases: [
          { name: 'two', error: { code: 'INTERNAL', message: 'nobody there' } },
          { name: 'four', error: { code: 'MIGRATIONS_UNKNOWN' } },
        ],
      },
    });
    expect(databases.about('database-refused')).toEqual(['two', 'four']);
    expect(databases.about('database-started')).toEqual([]);
    expect([...databases.kept.keys()].map((name) => databases.applied(name))).toEqual([0, 0, 0, 0]);
    expect(databases.open).toBe(0);
  });

  it('refuses a module that does not load, and what the linter says is an error', async () => {
    const databases = await BatchScenario.create('one', 'two');
    const finding: Omit<Finding, 'severity'> = {
      file: '0002_b.up.sql',
      line: 3,
      column: 1,
      rule: 'drop-table',
      phase: 'expand',
      why: 'it is read',
      fix: '',
    };
    const lint = (severity: Finding['severity']) => ({ lint: () => Promise.resolve([{ ...finding, severity }]) });
    await expect(databases.batch(lint('error')).run()).rejects.toMatchObject({
      code: 'MIGRATIONS_BATCH_REFUSED',
      message: expect.stringContaining(
        'one: api: the linter refuses what would run\n    0002_b.up.sql:3: drop-table: it is read',
      ) as string,
    });
    await databases.scenario.write('0003_c.mjs', 'export const nothing = 1;');
    await expect(databases.batch().run()).rejects.toThrow("0003_c exports no function 'up'");
    expect(databases.applied('one')).toBe(0);
    await databases.scenario.write('0003_c.mjs', 'export function up() {}');
    const { databases: results } = await databases.batch(lint('warning')).run();
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  it('finishes the migration that runs when it is stopped, and begins nothing more', async () => {
    const databases = await BatchScenario.create('one', 'two', 'three');
    const stop = new AbortController();
    const onEvent = (event: BatchEvent) => {
      if (event.type === 'migration-started') stop.abort(new Error('enough'));
    };
    const { databases: results } = await databases.batch({ concurrency: 1, onEvent }).run({ signal: stop.signal });
    expect(results).toEqual([
      { name: 'one', outcome: 'stopped', applied: ['0001_a'] },
      { name: 'two', outcome: 'untouched', applied: [] },
      { name: 'three', outcome: 'untouched', applied: [] },
    ]);
    expect(databases.kept.get('one')?.statements).toEqual([createTable('0001_a')]);
    expect(databases.open).toBe(0);
  });

  it('gives up waiting for another runner when it is stopped', async () => {
    const databases = await BatchScenario.create('one');
    const holder = await databases.kept.get('one')?.lock();
    const stop = new AbortController();
    const onEvent = ({ type }: BatchEvent) => {
      if (type === 'waiting-for-lock') stop.abort(new Error('enough'));
    };
    const { databases: results } = await databases.batch({ onEvent }).run({ signal: stop.signal });
    expect(results).toEqual([{ name: 'one', outcome: 'untouched', applied: [] }]);
    await holder?.release();
  });

  it('rejects with the reason where it is stopped before anything was touched', async () => {
    const databases = await BatchScenario.create('one', 'two');
    const stop = new AbortController();
    const onEvent = () => {
      stop.abort(new Error('enough'));
    };
    await expect(databases.batch({ concurrency: 1, onEvent }).run({ signal: stop.signal })).rejects.toThrow('enough');
    expect(databases).toMatchObject({ open: 0 });
    expect(databases.applied('one')).toBe(0);
  });
});

it('tells where each database stands, or why that cannot be told', async () => {
  const databases = await BatchScenario.create('one', 'two');
  databases.opened = (name, database) =>
    name === 'two' ? { ...database, history: () => Promise.reject(new Error('nobody there')) } : database;
  expect((await databases.batch().status()).databases).toMatchObject([
    { name: 'one', status: { pending: both } },
    { name: 'two', error: { message: 'nobody there' } },
  ]);
});

it('refuses names that are there twice, and places for nobody', async () => {
  const databases = await BatchScenario.create('one');
  const database = { name: 'x', service: 'api', folder: '.', open: () => new InMemoryMigrationDatabase() };
  expect(() => databases.batch({ databases: [database, database] })).toThrow("two databases of a batch are named 'x'");
  expect(() => databases.batch({ concurrency: 0 })).toThrow('concurrency is 0');
});

const unknown = {
  name: '0001_a',
  direction: 'up',
  done: 0,
  total: 1,
  hash: '',
  unknown: { sql: 'x', hash: '' },
} as const;

function locked(unfinished: typeof unknown): MigrationDatabase['lock'] {
  return () =>
    Promise.resolve({
      history: () => Promise.resolve({ applied: [], unfinished: [unfinished] }),
      begin: () => Promise.reject(new Error('it was touched')),
      settle: () => Promise.reject(new Error('it was touched')),
      record: () => Promise.reject(new Error('it was touched')),
      use: () => Promise.reject(new Error('it was touched')),
      release: () => Promise.resolve(),
    });
}

/** A migration of that name cannot be begun there. */
function failingAt(name: string, database: MigrationDatabase): MigrationDatabase {
  return {
    ...database,
    lock: async (signal) => {
      const session = await database.lock(signal);
      return {
        history: (service) => session.history(service),
        begin: (options) => (options.name === name ? Promise.reject(new Error('no')) : session.begin(options)),
        settle: (service, unfinished) => session.settle(service, unfinished),
        record: (service, rows) => session.record(service, rows),
        use: (work, signal) => session.use(work, signal),
        release: () => session.release(),
      };
    },
  };
}
