import { expect, it } from 'vitest';

import { finished, runner, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

const count = 20;
const names = Array.from({ length: count }, (_, index) => `${String(index + 1).padStart(4, '0')}_step`);

it('eight processes apply each of twenty migrations exactly once', { timeout: 120_000 }, async () => {
  const scenario = await SqliteScenario.create({ '0000_ledger.up.sql': 'CREATE TABLE ledger (name TEXT);' });
  await scenario.open().run();
  for (const [index, name] of names.entries()) {
    const insert = `INSERT INTO ledger VALUES ('${name}')`;
    // Both kinds, and some that give the others time in the middle of their transaction.
    const pause = "import { setTimeout } from 'node:timers/promises';\n";
    const module = `${pause}export async function up({ db }) { db.execute("${insert}"); await setTimeout(10); }`;
    await (index % 2 === 0
      ? scenario.write(`${name}.up.sql`, `CREATE TABLE t${name} (id); ${insert};`)
      : scenario.write(`${name}.ts`, module));
  }

  const runners = Array.from({ length: 8 }, () => finished(start(runner, scenario)));
  const printed = await Promise.all(runners);

  const applied = printed.flatMap((lines) => lines.at(-1)?.applied as string[]);
  expect(applied.toSorted()).toEqual(names);
  expect(scenario.rows('SELECT name FROM ledger ORDER BY rowid').map(({ name }) => name)).toEqual(names);
  expect((await scenario.open().status()).applied.map(({ name }) => name)).toEqual(['0000_ledger', ...names]);
  const waits = printed.flat().filter(({ type }) => type === 'waiting-for-lock');
  expect(waits.length, 'the processes never met, so nothing was shown').toBeGreaterThan(0);
});
