import { beforeEach, describe, expect, it } from 'vitest';

import { createTable, namesOf, Scenario } from '../tests/scenario.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.create();
});

const contract = (stem: string) => scenario.write(`${stem}.up.sql`, `-- phase: contract\n${createTable(stem)}`);

/** A database that has had a migration, and four files more: expand and contract by turns. */
async function mixed(): Promise<void> {
  await scenario.writeScripts('0001_a');
  await scenario.open().run();
  await contract('0002_b');
  await scenario.writeScripts('0003_c');
  await contract('0004_d');
  await scenario.write('0005_e.mjs', "export const phase = 'contract';\nexport function up() {}");
}

describe('an expand run', () => {
  it('passes over contract migrations and says so', async () => {
    await mixed();
    expect(await scenario.open().status()).toMatchObject({
      pending: ['0002_b', '0003_c', '0004_d', '0005_e'],
      waiting: ['0002_b', '0004_d', '0005_e'],
    });
    const { applied, waiting } = await scenario.open().run();
    expect(namesOf(applied)).toEqual(['0003_c']);
    expect(waiting).toEqual(['0002_b', '0004_d', '0005_e']);
    expect((await scenario.open().status()).late).toEqual([]);
  });

  it('applies them too on a database that has had no migration: nothing older can be there', async () => {
    await contract('0001_a');
    await scenario.writeScripts('0002_b');
    const { applied, waiting } = await scenario.open().run();
    expect(applied).toMatchObject([
      { name: '0001_a', phase: 'contract' },
      { name: '0002_b', phase: 'expand' },
    ]);
    expect(waiting).toEqual([]);
  });

  it('names the ones it passed over where what comes after them fails', async () => {
    await mixed();
    await scenario.write('0003_c.up.sql', 'no statement');
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_FAILED',
      hint: expect.stringContaining('before it these wait for the contract phase: 0002_b') as string,
    });
  });
});

describe('a contract run', () => {
  it('applies contract migrations only, in order of number', async () => {
    await mixed();
    await scenario.open().run();
    const { applied, waiting } = await scenario.open().run({ phase: 'contract' });
    expect(namesOf(applied)).toEqual(['0002_b', '0004_d', '0005_e']);
    expect(waiting).toEqual([]);
  });

  it('is refused while an expand migration before one of them is pending', async () => {
    await mixed();
    await expect(scenario.open().run({ phase: 'contract' })).rejects.toMatchObject({
      code: 'MIGRATIONS_EXPAND_FIRST',
      details: { contract: '0005_e', pending: ['0003_c'] },
    });
    expect(namesOf((await scenario.open().run({ phase: 'contract', to: '0002_b' })).applied)).toEqual(['0002_b']);
  });
});

it('a run of all phases keeps to the numbers', async () => {
  await mixed();
  const { applied } = await scenario.open().run({ phase: 'all' });
  expect(namesOf(applied)).toEqual(['0002_b', '0003_c', '0004_d', '0005_e']);
});

describe('rollback', () => {
  it('is refused by an applied contract migration, whatever its down says, with the reason', async () => {
    await mixed();
    await scenario.write('0002_b.down.sql', 'DROP TABLE t0002_b');
    await scenario.open().run();
    await scenario.open().run({ phase: 'contract', to: '0002_b' });
    await expect(scenario.open().rollback({ to: '0001_a' })).rejects.toMatchObject({
      code: 'MIGRATIONS_IRREVERSIBLE',
      details: {
        reasons: expect.arrayContaining([expect.stringContaining('0002_b is a contract migration')]) as string[],
      },
    });
  });

  it('is refused with the reason that a migration gives', async () => {
    await scenario.write('0001_a.up.sql', `-- irreversible: mails were sent\n${createTable('a')}`);
    await scenario.write('0002_b.mjs', "export const irreversible = 'keys were burnt';\nexport function up() {}");
    await scenario.open().run();
    await expect(scenario.open().rollback({ steps: 2 })).rejects.toMatchObject({
      details: { reasons: ['0002_b is irreversible: keys were burnt', '0001_a is irreversible: mails were sent'] },
    });
  });
});

describe('a module’s directives', () => {
  it('are refused where they cannot be read without running it', async () => {
    await scenario.write(
      '0001_a.mjs',
      "const all = ['contract'];\nexport const [phase] = all;\nexport function up() {}",
    );
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_BAD_FILES',
      message: expect.stringContaining("0001_a exports 'phase' in another way") as string,
    });
  });
});
