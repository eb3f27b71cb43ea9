import { beforeEach, describe, expect, it } from 'vitest';

import { namesOf, Scenario } from '../tests/scenario.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.create('mysql');
});

const statements = ['CREATE TABLE a (id INT)', 'CREATE TABLE b (id INT)', 'CREATE TABLE c (id INT)'];
const script = (...sql: readonly string[]) => scenario.write('0001_a.up.sql', sql.join(';\n'));

async function twoOfThree(): Promise<void> {
  await script(...statements.slice(0, 2), 'no statement');
  await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
}

describe('a migration that was partly applied', () => {
  it('is shown so, and goes on after what was done', async () => {
    await twoOfThree();
    expect(await scenario.open().status()).toMatchObject({
      applied: [],
      pending: ['0001_a'],
      unfinished: [{ name: '0001_a', direction: 'up', done: 2, total: 3, unknown: null }],
    });
    await script(...statements);
    expect((await scenario.open().plan()).migrations).toMatchObject([{ done: 2, statements: [statements[2]] }]);
    await scenario.open().run();
    expect(scenario.database.statements.map((sql) => sql.replace(';', ''))).toEqual(statements);
  });

  it('may lose its other statements, and gain some', async () => {
    await twoOfThree();
    await script(...statements.slice(0, 2));
    await scenario.open().run();
    expect(scenario.database.statements).toHaveLength(2);
    expect(await scenario.open().status()).toMatchObject({ pending: [], unfinished: [], drifted: [] });
  });

  it.each([
    ['another first statement', ['DROP TABLE a', statements[1] ?? '', statements[2] ?? '']],
    ['fewer statements than were done', statements.slice(0, 1)],
    ['its statements in another order', statements.toReversed()],
  ])('is refused with %s', async (_, sql) => {
    await twoOfThree();
    await script(...sql);
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_DRIFTED', details: { done: 2 } });
    expect(scenario.database.statements).toHaveLength(2);
  });

  it('is missing when its file is gone', async () => {
    await twoOfThree();
    await scenario.writeScripts('0002_b');
    await scenario.removeScripts('0001_a').catch(() => undefined);
    expect((await scenario.open().status()).missing).toEqual(['0001_a']);
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_MISSING' });
  });

  it('has to be finished before something is rolled back', async () => {
    await scenario.writeScripts('0000_z');
    await scenario.open().run();
    await twoOfThree();
    await expect(scenario.open().rollback({ steps: 1 })).rejects.toMatchObject({
      code: 'MIGRATIONS_UNFINISHED',
      details: { name: '0001_a', direction: 'up', done: 2, total: 3 },
    });
  });
});

describe('a statement of which nobody knows', () => {
  const module = (body: string) => scenario.write('0001_a.mjs', `export async function up({ db }) { ${body} }`);
  const unknown = async () => {
    await module("await db.execute('CREATE TABLE a (id INT)'); throw new Error('cut off');");
    await expect(scenario.open().run()).rejects.toThrow('cut off');
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_UNKNOWN',
      message: 'api: 0001_a: nobody knows whether statement 1 of 1 was done: up() of 0001_a',
      hint: 'look into the database, then say so: maestro migrate repair --applied 0001_a, or --retry 0001_a, with --service api',
    });
    expect((await scenario.open().status()).unfinished).toMatchObject([{ unknown: 'up() of 0001_a' }]);
  };

  it('is passed over when somebody says that it was done', async () => {
    await unknown();
    await module("await db.execute('CREATE TABLE a (id INT)');");
    // Its text is another one now: what was done cannot be told from it.
    await scenario.open().repair({ applied: '0001_a' });
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_DRIFTED' });
    await module("await db.execute('CREATE TABLE a (id INT)'); throw new Error('cut off');");
    expect(namesOf((await scenario.open().run()).applied)).toEqual(['0001_a']);
    expect(scenario.database.statements).toHaveLength(1);
  });

  it('is run again when somebody says so', async () => {
    await unknown();
    await module("await db.execute('CREATE TABLE a (id INT)');");
    await scenario.open().repair({ retry: '0001_a' });
    await scenario.open().run();
    expect(scenario.database.statements).toHaveLength(2);
  });

  it.each([{ applied: '0001_a' }, { retry: '0001_a' }])('is all that can be repaired: %j', async (target) => {
    await scenario.writeScripts('0001_a');
    await scenario.open().run();
    await expect(scenario.open().repair(target)).rejects.toMatchObject({ code: 'MIGRATIONS_NOTHING_TO_REPAIR' });
  });
});

it('a migration that goes on in a transaction leaves nothing unfinished', async () => {
  scenario = await Scenario.create('postgresql');
  await script('-- transaction: off\nCREATE TABLE a (id INT)', 'no statement');
  await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
  await script('CREATE TABLE a (id INT)', 'CREATE TABLE b (id INT)');
  await scenario.open().run();
  expect(await scenario.open().status()).toMatchObject({ applied: [{ name: '0001_a' }], unfinished: [] });
  expect(scenario.database.statements).toHaveLength(2);
});
