import { beforeEach, describe, expect, it } from 'vitest';

import { createTable, namesOf, Scenario } from '../tests/scenario.ts';
import type { MigrationDatabase } from './ports/migration-database.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.create();
});

describe('rollback', () => {
  it('reverts in the reverse of the order applied, not of the numbers', async () => {
    await scenario.writeScripts('0002_b');
    await scenario.open().run();
    await scenario.writeScripts('0001_a', '0003_c');
    await scenario.open().run();
    expect(await scenario.open().rollback({ steps: 2 })).toEqual({ reverted: ['0003_c', '0001_a'] });
    expect(scenario.database.statements.slice(3)).toEqual(['DROP TABLE t0003_c', 'DROP TABLE t0001_a']);
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0002_b']);
  });

  it('goes back to a named migration, which stays', async () => {
    await scenario.writeScripts('0001_a', '0002_b', '0003_c');
    await scenario.open().run();
    expect(await scenario.open().rollback({ to: '0001_a' })).toEqual({ reverted: ['0003_c', '0002_b'] });
    expect(scenario.events.filter(({ type }) => type === 'migration-reverted')).toMatchObject([
      { service: 'api', name: '0003_c' },
      { service: 'api', name: '0002_b' },
    ]);
  });

  it('refuses before it touches anything when a way back is missing, with every reason', async () => {
    await scenario.writeScripts('0001_a', '0005_e');
    await scenario.write('0002_b.up.sql', createTable('b'));
    await scenario.write('0003_c.mjs', 'export function up() {}');
    await scenario.write('0004_d.up.sql', createTable('d'));
    await scenario.write('0004_d.down.sql', '-- to be written');
    await scenario.open().run();
    const before = scenario.database.statements;
    await scenario.removeScripts('0001_a');
    await expect(scenario.open().rollback({ steps: 5 })).rejects.toMatchObject({
      code: 'MIGRATIONS_IRREVERSIBLE',
      details: {
        reasons: [
          '0004_d.down.sql has no statement',
          "0003_c exports no function 'down'",
          'there is no 0002_b.down.sql',
          '0001_a has no file',
        ],
      },
    });
    expect(scenario.database.statements).toBe(before);
  });

  it('reverts with the file as it is now, though it has drifted', async () => {
    await scenario.writeScripts('0001_a');
    await scenario.open().run();
    await scenario.write('0001_a.up.sql', createTable('other'));
    await scenario.write('0001_a.down.sql', 'DROP TABLE other');
    expect(await scenario.open().rollback({ steps: 1 })).toEqual({ reverted: ['0001_a'] });
    expect(scenario.database.statements.at(-1)).toBe('DROP TABLE other');
  });

  it('passes over what somebody else reverted meanwhile', async () => {
    await scenario.writeScripts('0001_a', '0002_b');
    await scenario.open().run();
    const racing = scenario.open(afterFirstRead(() => scenario.open().rollback({ steps: 1 })));
    expect(await racing.rollback({ steps: 2 })).toEqual({ reverted: ['0001_a'] });
  });

  it('stops when somebody else applied something newer meanwhile', async () => {
    await scenario.writeScripts('0001_a');
    await scenario.open().run();
    await scenario.writeScripts('0002_b');
    const racing = scenario.open(afterFirstRead(() => scenario.open().run()));
    await expect(racing.rollback({ steps: 1 })).rejects.toMatchObject({ code: 'MIGRATIONS_CONFLICT' });
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0001_a', '0002_b']);
  });

  it('keeps what it could not revert', async () => {
    await scenario.writeScripts('0001_a', '0002_b');
    await scenario.write('0001_a.down.sql', 'no way back');
    await scenario.open().run();
    await expect(scenario.open().rollback({ steps: 2 })).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0001_a']);
    expect(scenario.events.at(-1)).toMatchObject({ type: 'migration-failed', name: '0001_a', direction: 'down' });
  });
});

/** The database, with somebody else at work after the plan was made and before the lock is taken. */
function afterFirstRead(others: () => Promise<unknown>): MigrationDatabase {
  return {
    location: scenario.database.location,
    dialect: 'sqlite',
    async history(service) {
      const rows = await scenario.database.history(service);
      await others();
      return rows;
    },
    lock: () => scenario.database.lock(),
    read: (work) => scenario.database.read(work),
    close: () => scenario.database.close(),
  };
}
