import { describe, expect, it } from 'vitest';

import { BatchScenario } from '../../tests/batch-scenario.ts';
import { createTable } from '../../tests/scenario.ts';
import type { BatchEvent } from '../events.ts';

const both = ['0001_a', '0002_b'];

describe('plan', () => {
  it('has one hash over all databases, whatever their order, by which exactly that is run', async () => {
    const databases = await BatchScenario.create('one', 'two');
    const plan = await databases.batch().plan();
    expect(plan.databases.map(({ name, plan: { migrations } }) => [name, migrations.map((one) => one.name)])).toEqual([
      ['one', both],
      ['two', both],
    ]);
    const reversed = await BatchScenario.create('two', 'one');
    expect((await reversed.batch().plan()).hash).toBe(plan.hash);

    await databases.scenario.writeScripts('0003_c');
    await expect(databases.batch().run({ planHash: plan.hash })).rejects.toMatchObject({
      code: 'MIGRATIONS_PLAN_CHANGED',
    });
    expect(databases).toMatchObject({ open: 0 });
    expect(databases.applied('one')).toBe(0);
    const { hash } = await databases.batch().plan();
    const { databases: results } = await databases.batch().run({ planHash: hash });
    expect(results.map(({ applied }) => applied.length)).toEqual([3, 3]);
  });

  it('holds for each database until it is its turn', async () => {
    const databases = await BatchScenario.create('one', 'two');
    const { hash } = await databases.batch().plan();
    const onEvent = (event: BatchEvent) => {
      if (event.type === 'database-started' && event.database === 'one') late = true;
    };
    let late = false;
    databases.opened = (name, database) => {
      if (name !== 'two' || !late) return database;
      const history = { applied: [], unfinished: [] };
      const row = { name: '0001_a', checksum: '', phase: 'expand', at: '', durationMs: 0, by: '', version: 0 } as const;
      return { ...database, history: () => Promise.resolve({ ...history, applied: [row] }) };
    };
    const { databases: results } = await databases.batch({ concurrency: 1, onEvent }).run({ planHash: hash });
    expect(results).toMatchObject([
      { name: 'one', outcome: 'done' },
      { name: 'two', outcome: 'failed', error: { code: 'MIGRATIONS_PLAN_CHANGED' } },
    ]);
  });

  it('takes only one phase where it is told to', async () => {
    const databases = await BatchScenario.create('one');
    await databases.batch().run();
    await databases.scenario.write('0003_c.up.sql', `-- phase: contract\n${createTable('c')}`);
    expect((await databases.batch().run()).databases[0]?.applied).toEqual([]);
    expect((await databases.batch().run({ phase: 'contract' })).databases[0]?.applied).toEqual(['0003_c']);
  });
});
