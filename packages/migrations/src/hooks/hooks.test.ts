import { RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { createTable, namesOf, Scenario } from '../../tests/scenario.ts';
import { databaseLocked } from '../database-errors.ts';
import type { MigrationsOptions } from '../migrations.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { type HookContext, type HookName, hookNames, type MigrationHooks } from './migration-hooks.ts';

interface Called extends HookContext {
  readonly hook: HookName;
  readonly migration?: { readonly name: string };
  readonly migrations?: readonly { readonly name: string }[];
  readonly error?: unknown;
}

/** Hooks that keep what they were called with; `behave` decides what else they do. */
function recordingHooks(behave: (called: Called) => unknown = () => undefined) {
  const calls: Called[] = [];
  const hooks = Object.fromEntries(
    hookNames.map((hook) => [
      hook,
      (context: HookContext) => {
        const called = { ...context, hook };
        calls.push(called);
        return behave(called);
      },
    ]),
  ) as MigrationHooks;
  const told = () =>
    calls.map(({ hook, migration, migrations }) => [hook, migration?.name ?? migrations?.map(({ name }) => name)]);
  return { hooks, calls, told };
}

async function scenarioOf(dialect: SqlDialect = 'sqlite') {
  const scenario = await Scenario.create(dialect);
  await scenario.writeScripts('0001_a', '0002_b');
  const open = (hooks: MigrationHooks, options: Partial<MigrationsOptions> = {}) =>
    scenario.open(undefined, { hooks, ...options });
  return { scenario, open };
}

/** Throws by this hook, for this migration where it is one of a migration. */
const failing =
  (hook: HookName, name?: string) =>
  ({ hook: called, migration }: Called) => {
    if (called === hook && migration?.name === name) throw new Error('no');
  };

describe('hooks', () => {
  it('are called around the run and around each migration, with what is about to be and was done', async () => {
    const { scenario, open } = await scenarioOf();
    const { hooks, calls, told } = recordingHooks();
    await open(hooks).run();
    const each = (name: string) => [
      ['beforeEach', name],
      ['afterEach', name],
    ];
    const both = ['0001_a', '0002_b'];
    expect(told()).toEqual([['beforeRun', both], ...each('0001_a'), ...each('0002_b'), ['afterRun', both]]);
    expect(calls[0]).toMatchObject({ service: 'api', location: 'memory', direction: 'up' });
    expect(calls[1]?.migration).toEqual({ name: '0001_a', phase: 'expand' });
    const about = scenario.events.filter(({ type }) => type.startsWith('hook-'));
    expect(about.slice(0, 3)).toMatchObject([
      { type: 'hook-started', service: 'api', hook: 'beforeRun', name: null },
      { type: 'hook-finished', service: 'api', hook: 'beforeRun', name: null, durationMs: 0 },
      { type: 'hook-started', hook: 'beforeEach', name: '0001_a' },
    ]);

    calls.length = 0;
    await open(hooks).rollback({ steps: 2 });
    const back = both.toReversed();
    expect(told()).toEqual([['beforeRun', back], ...each('0002_b'), ...each('0001_a'), ['afterRun', back]]);
    expect(new Set(calls.map(({ direction }) => direction))).toEqual(new Set(['down']));
  });

  it('are not called, nor loaded, where there is nothing to apply', async () => {
    const { scenario, open } = await scenarioOf();
    await scenario.open().run();
    await scenario.write('hooks.mjs', "throw new Error('it was loaded');");
    const { hooks, calls } = recordingHooks();
    await open(hooks).run();
    await open(hooks).rollback({ to: '0002_b' });
    expect(await open(hooks).plan()).toMatchObject({ hooks: null });
    expect(calls).toEqual([]);
  });

  it('work on the database, and what they forget to wait for is waited for', async () => {
    const { scenario, open } = await scenarioOf();
    const { hooks } = recordingHooks(({ hook, migration, db }) => {
      void db.execute(`SELECT '${hook} ${migration?.name ?? ''}'`);
    });
    await open(hooks).run({ to: '0001_a' });
    const of = (hook: HookName, name = '') => `SELECT '${hook} ${name}'`;
    expect(scenario.database.statements).toEqual([
      of('beforeRun'),
      of('beforeEach', '0001_a'),
      createTable('0001_a'),
      of('afterEach', '0001_a'),
      of('afterRun'),
    ]);
  });

  it('are called again where a migration is tried again', async () => {
    const { scenario, open } = await scenarioOf();
    let isLocked = true;
    const { hooks, told } = recordingHooks(({ hook }) => {
      if (hook !== 'afterEach' || !isLocked) return;
      isLocked = false;
      throw databaseLocked('memory', 'wait');
    });
    await scenario.settle(open(hooks).run({ to: '0001_a' }));
    const tried = [
      ['beforeEach', '0001_a'],
      ['afterEach', '0001_a'],
    ];
    expect(told()).toEqual([['beforeRun', ['0001_a']], ...tried, ...tried, ['afterRun', ['0001_a']]]);
  });

  it('of the run have the statements alone tried again that wait for a lock', async () => {
    const { scenario, open } = await scenarioOf();
    let isLocked = true;
    const database = scenario.database;
    const lock = database.lock.bind(database);
    database.lock = async (signal) => {
      const session = await lock(signal);
      const use = session.use.bind(session);
      session.use = (work, inner) =>
        use((db) => {
          const execute = (sql: string) => {
            if (!isLocked || sql !== 'SELECT 2;') return db.execute(sql);
            isLocked = false;
            return Promise.reject(databaseLocked('memory', 'wait'));
          };
          return work({ ...db, execute });
        }, inner);
      return session;
    };
    const beforeRun: MigrationHooks['beforeRun'] = ({ db }) => db.execute('SELECT 1; SELECT 2; SELECT 3');
    await scenario.settle(open({ beforeRun }).run({ to: '0001_a' }));
    expect(database.statements.slice(0, 3)).toEqual(['SELECT 1;', 'SELECT 2;', 'SELECT 3']);
  });
});

describe('a hook that throws', () => {
  it('before the run: nothing is applied', async () => {
    const { scenario, open } = await scenarioOf();
    const { hooks, calls, told } = recordingHooks(failing('beforeRun'));
    const failure: unknown = await open(hooks)
      .run()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      message: 'api: the hook beforeRun: no',
      hint: 'nothing was applied: correct the hook, then: maestro migrate run --service api',
      details: { service: 'api', hook: 'beforeRun', performed: [] },
    });
    expect(scenario.database.statements).toEqual([]);
    expect(told()).toEqual([
      ['beforeRun', ['0001_a', '0002_b']],
      ['afterFailure', []],
    ]);
    expect(calls.at(-1)?.error).toBe(failure);
  });

  it.each(['beforeEach', 'afterEach'] as const)(
    '%s: nothing of the migration is kept in a transaction',
    async (hook) => {
      const { scenario, open } = await scenarioOf();
      const { hooks, calls } = recordingHooks(failing(hook, '0002_b'));
      await expect(open(hooks).run()).rejects.toMatchObject({
        code: 'MIGRATIONS_HOOK_FAILED',
        message: `api: 0002_b: the hook ${hook}: no`,
        hint: 'nothing of this migration was kept: correct the hook, then: maestro migrate run --service api',
        details: { service: 'api', name: '0002_b', hook },
      });
      expect(scenario.database.statements).toEqual([createTable('0001_a')]);
      expect(scenario.events.at(-3)).toMatchObject({ type: 'migration-failed', error: `the hook ${hook}: no` });
      expect(calls.at(-1)).toMatchObject({ hook: 'afterFailure', migrations: [{ name: '0001_a' }] });
      expect(namesOf((await open({}).run()).applied)).toEqual(['0002_b']);
    },
  );

  it('afterEach, without a transaction: its statements are kept, and it is recorded once the hook came to its end', async () => {
    const { scenario, open } = await scenarioOf('mysql');
    await expect(open(recordingHooks(failing('afterEach', '0001_a')).hooks).run()).rejects.toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      hint: expect.stringMatching(
        /^1 of its 1 statements were kept, and are not done again: correct the hook/,
      ) as string,
      details: { done: 1, total: 1 },
    });
    expect(await scenario.open().status()).toMatchObject({ applied: [], unfinished: [{ name: '0001_a', done: 1 }] });
    const { hooks, told } = recordingHooks();
    expect(namesOf((await open(hooks).run({ to: '0001_a' })).applied)).toEqual(['0001_a']);
    expect(told()).toContainEqual(['afterEach', '0001_a']);
    expect(scenario.database.statements).toEqual([createTable('0001_a')]);
  });

  it('after the run: what was applied stays applied', async () => {
    const { scenario, open } = await scenarioOf();
    await expect(open(recordingHooks(failing('afterRun')).hooks).run()).rejects.toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      hint: expect.stringMatching(/^2 migrations stay applied, and the next run does not call it for them/) as string,
      details: { hook: 'afterRun', performed: ['0001_a', '0002_b'] },
    });
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0001_a', '0002_b']);
    const back = open(recordingHooks(failing('afterRun')).hooks).rollback({ steps: 1 });
    await expect(back).rejects.toMatchObject({ hint: expect.stringMatching(/^1 migration stays reverted/) as string });
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0001_a']);
  });

  it('after a failure: it is logged, and the failure is what the caller sees', async () => {
    const { scenario, open } = await scenarioOf();
    await scenario.write('0002_b.up.sql', 'this is no statement');
    const logger = new RecordingLogger();
    const run = open(recordingHooks(failing('afterFailure')).hooks, { logger }).run();
    await expect(run).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
    expect(JSON.stringify(logger.lines)).toContain('the hook afterFailure: no');
  });
});

describe('a run that is ended from outside', () => {
  it('rejects with the reason although a hook goes on, and calls afterFailure on a signal of its own', async () => {
    const { scenario, open } = await scenarioOf();
    const abort = new AbortController();
    const { hooks, calls } = recordingHooks(({ hook, signal }) => {
      if (hook !== 'beforeEach') return undefined;
      abort.abort(new Error('enough'));
      expect(signal.aborted).toBe(true);
      return new Promise(() => undefined);
    });
    await expect(open(hooks).run({ signal: abort.signal })).rejects.toThrow('enough');
    expect(calls.at(-1)).toMatchObject({ hook: 'afterFailure', error: new Error('enough') });
    expect(calls.at(-1)?.signal.aborted).toBe(false);
    expect(scenario.database.statements).toEqual([]);
  });

  it('calls afterRun with what was applied when it is told to stop', async () => {
    const { open } = await scenarioOf();
    const stop = new AbortController();
    const { hooks, calls } = recordingHooks(({ hook }) => {
      if (hook === 'afterEach') stop.abort();
    });
    await open(hooks).run({ stop: stop.signal });
    expect(calls.at(-1)).toMatchObject({ hook: 'afterRun', migrations: [{ name: '0001_a' }] });
  });

  it('gives up an afterFailure that does not end', async () => {
    const { scenario, open } = await scenarioOf();
    const { hooks } = recordingHooks(({ hook }) => {
      if (hook === 'beforeRun') throw new Error('no');
      return new Promise(() => undefined);
    });
    const run = expect(open(hooks).run()).rejects.toMatchObject({ code: 'MIGRATIONS_HOOK_FAILED' });
    await scenario.settle(run);
  });
});
