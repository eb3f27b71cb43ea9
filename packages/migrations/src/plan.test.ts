import { beforeEach, describe, expect, it } from 'vitest';

import { createTable, namesOf, Scenario } from '../tests/scenario.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.create('postgresql');
});

describe('plan', () => {
  it('has the exact SQL of what would run, and changes nothing', async () => {
    await scenario.write('0001_a.up.sql', `-- lock-timeout: 500ms\n${createTable('a')};\n/* and */ DROP TABLE b`);
    await scenario.write('0002_b.mjs', 'export const transaction = false;\nexport function up() {}');
    const plan = await scenario.open().plan();
    expect(plan).toMatchObject({
      service: 'api',
      phase: 'expand',
      isNew: true,
      waiting: [],
      migrations: [
        {
          name: '0001_a',
          phase: 'expand',
          transaction: true,
          lockTimeoutMs: 500,
          statementTimeoutMs: null,
          late: false,
          done: 0,
          statements: [`${createTable('a')};`, 'DROP TABLE b'],
        },
        { name: '0002_b', transaction: false, statements: null },
      ],
    });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(scenario.database.statements).toEqual([]);
    await scenario.open().run({ to: '0001_a' });
    expect((await scenario.open().plan()).isNew).toBe(false);
  });

  it('is carried out when its hash is given, and nothing else is', async () => {
    await scenario.writeScripts('0001_a', '0002_b');
    const { hash } = await scenario.open().plan({ to: '0001_a' });
    expect(namesOf((await scenario.open().run({ planHash: hash, to: '0001_a' })).applied)).toEqual(['0001_a']);
    await expect(scenario.open().run({ planHash: hash, to: '0001_a' })).rejects.toMatchObject({
      code: 'MIGRATIONS_PLAN_CHANGED',
      details: { expected: hash },
    });
  });

  it.each([
    ['a statement', 'CREATE TABLE other (id INTEGER)'],
    ['the spelling of a statement', 'CREATE  TABLE t0001_a (id INTEGER)'],
    ['a directive', `-- lock-timeout: 1s\n${createTable('0001_a')}`],
    ['the phase', `-- phase: contract\n${createTable('0001_a')}`],
  ])('has another hash when %s changes', async (_, sql) => {
    await scenario.writeScripts('0001_a');
    const { hash } = await scenario.open().plan();
    await scenario.write('0001_a.up.sql', sql);
    expect((await scenario.open().plan()).hash).not.toBe(hash);
    await expect(scenario.open().run({ planHash: hash })).rejects.toMatchObject({ code: 'MIGRATIONS_PLAN_CHANGED' });
    expect(scenario.database.statements).toEqual([]);
  });

  it('has the same hash wherever the files are', async () => {
    await scenario.writeScripts('0001_a');
    const other = await Scenario.create();
    await other.writeScripts('0001_a');
    expect((await other.open().plan()).hash).toBe((await scenario.open().plan()).hash);
  });
});
