import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { Scenario } from '../../tests/scenario.ts';
import type { HookContext } from './migration-hooks.ts';

async function scenarioOfTwo() {
  const scenario = await Scenario.create();
  await scenario.writeScripts('0001_a', '0002_b');
  return scenario;
}

describe('the file hooks.mjs beside the migrations', () => {
  const exporting = (name: string, sql: string) =>
    `export async function ${name}({ db }) { await db.execute(${JSON.stringify(sql)}); }`;

  it('is no migration, and is called inside of what is given in code', async () => {
    const scenario = await scenarioOfTwo();
    await scenario.write('hooks.mjs', `${exporting('beforeRun', 'SELECT 2')}\n${exporting('afterRun', 'SELECT 3')}`);
    const say =
      (sql: string) =>
      ({ db }: HookContext) =>
        db.execute(sql);
    const hooks = { beforeRun: say('SELECT 1'), afterRun: say('SELECT 4') };
    await scenario.open(undefined, { hooks }).run();
    expect(scenario.database.statements.filter((sql) => sql.startsWith('SELECT'))).toEqual(
      [1, 2, 3, 4].map((number) => `SELECT ${number}`),
    );
    expect(await scenario.open().status()).toMatchObject({ pending: [], missing: [], drifted: [] });
  });

  it('is named when a hook of it fails', async () => {
    const scenario = await scenarioOfTwo();
    await scenario.write('hooks.mjs', "export function beforeEach() { throw new Error('no'); }");
    const path = join(scenario.folder, 'hooks.mjs');
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_HOOK_FAILED',
      message: `api: 0001_a: ${path}: beforeEach: no`,
      details: { file: path },
    });
  });

  it.each([
    ['export function beforRun() {}', "exports 'beforRun', expected functions named beforeRun, "],
    ['export const beforeRun = 1;', "exports 'beforeRun', expected functions"],
    ["throw new Error('no');", 'hooks.mjs cannot be loaded: no'],
  ])('is refused by plan and run before anything is touched: %s', async (text, message) => {
    const scenario = await scenarioOfTwo();
    await scenario.write('hooks.mjs', text);
    await expect(scenario.open().plan()).rejects.toThrow(message);
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_BAD_FILES' });
    expect(scenario.database.statements).toEqual([]);
    await scenario.write('hooks.mjs', '');
    await scenario.open().run();
    await scenario.write('hooks.mjs', text);
    await expect(scenario.open().rollback({ steps: 1 })).rejects.toMatchObject({ code: 'MIGRATIONS_BAD_FILES' });
  });

  it('is there once', async () => {
    const scenario = await scenarioOfTwo();
    await scenario.write('hooks.mjs', '');
    await scenario.write('hooks.ts', 'enum Kind { a }');
    await expect(scenario.open().status()).rejects.toThrow('hooks is there more than once: hooks.ts, hooks.mjs');
  });

  it('is part of the plan: a run by its hash calls exactly these', async () => {
    const scenario = await scenarioOfTwo();
    const without = await scenario.open().plan();
    expect(without.hooks).toBeNull();
    await scenario.write('hooks.ts', exporting('beforeRun', 'SELECT 1'));
    const { hooks, hash } = await scenario.open().plan();
    expect(hooks?.path).toBe(join(scenario.folder, 'hooks.ts'));
    expect(hash).not.toBe(without.hash);
    await scenario.write('hooks.ts', exporting('beforeRun', 'SELECT 2'));
    await expect(scenario.open().run({ planHash: hash })).rejects.toMatchObject({ code: 'MIGRATIONS_PLAN_CHANGED' });
    await scenario.write('hooks.ts', `// the same\n${exporting('beforeRun', 'SELECT 1')}\n`);
    await scenario.open().run({ planHash: hash });
    expect(scenario.database.statements[0]).toBe('SELECT 1');
  });
});
