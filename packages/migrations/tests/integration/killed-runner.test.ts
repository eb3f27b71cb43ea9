import { systemClock } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { expect, it } from 'vitest';

import { eventsUntilKilled, finished, runner, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

const count = 12;
const killsForEachMode = 12;

it.each(['delete', 'wal'])(
  'killed within a migration, it has done what is recorded and recorded what is done, with journal mode %s',
  { timeout: 400_000 },
  async (journalMode) => {
    let scenario = await scenarioWith(journalMode);
    for (let kills = 0; kills < killsForEachMode;) {
      const types = await eventsUntilKilled(start(runner, scenario), async () => {
        await systemClock.sleep(Math.random() * 80);
      });
      if (types.at(-1) === 'migration-started') kills += 1;
      await expectAgreement(scenario);
      recordFaults({
        promised: 'a migration runs once',
        fault: 'runner of SQLite killed (SIGKILL) at any time',
        times: types.at(-1) === 'result' ? 0 : 1,
        checked: { migrations: count },
        wrong: { 'records that are not true': 0 },
      });
      if (types.at(-1) === 'result') scenario = await scenarioWith(journalMode);
    }
    await finished(start(runner, scenario));
    expect((await scenario.open().status()).pending).toEqual([]);
    await expectAgreement(scenario);
  },
);

/** Each migration makes a table, writes enough rows to take a while, and itself into a ledger. */
async function scenarioWith(journalMode: string): Promise<SqliteScenario> {
  const scenario = await SqliteScenario.create();
  scenario.rows(`PRAGMA journal_mode = ${journalMode}`);
  const service = scenario.connect();
  service.exec('CREATE TABLE ledger (name TEXT)');
  service.close();
  const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)';
  const rows = `${numbers} SELECT i, hex(i) FROM n`;
  for (let number = 1; number <= count; number += 1) {
    const name = `${String(number).padStart(4, '0')}_step`;
    const insert = `INSERT INTO ledger VALUES ('${name}')`;
    await scenario.write(`${name}.up.sql`, `${insert}; CREATE TABLE t${name} (i, t); INSERT INTO t${name} ${rows};`);
  }
  return scenario;
}

/** History, ledger and schema tell the same. */
async function expectAgreement(scenario: SqliteScenario): Promise<void> {
  const recorded = (await scenario.open().status()).applied.map(({ name }) => name);
  const done = scenario.rows('SELECT name FROM ledger ORDER BY rowid').map(({ name }) => name);
  expect(done).toEqual(recorded);
  expect(scenario.tables().filter((table) => /^t\d/.test(String(table)))).toEqual(recorded.map((name) => `t${name}`));
  for (const name of recorded) {
    expect(scenario.rows(`SELECT count(*) AS n FROM t${name}`)).toMatchObject([{ n: 30_000 }]);
  }
}
