import { once } from 'node:events';

import { expect, it } from 'vitest';

import { finished, oldService, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

const schema = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);';
const expand = {
  '0002_currency.up.sql': "ALTER TABLE orders ADD COLUMN currency TEXT NOT NULL DEFAULT 'EUR';",
  '0003_backfill.mjs': `import { setTimeout } from 'node:timers/promises';
export async function up({ db }) {
  await db.execute("UPDATE orders SET currency = 'USD' WHERE id % 2 = 0");
  await setTimeout(1000);
}
`,
  '0004_index.up.sql': 'CREATE INDEX orders_currency ON orders (currency);',
};

it.each(['wal', 'delete'])(
  'a service of the old version reads and writes on while the schema expands, with journal mode %s',
  { timeout: 60_000 },
  async (journalMode) => {
    const scenario = await SqliteScenario.create({ '0001_orders.up.sql': schema });
    scenario.rows(`PRAGMA journal_mode = ${journalMode}`);
    await scenario.open().run();
    for (const [file, text] of Object.entries(expand)) await scenario.write(file, text);

    const service = start(oldService, scenario);
    const stopped = finished(service);
    await once(service.stdout, 'data');
    const { applied } = await scenario.open().run();
    service.kill('SIGTERM');
    const report = (await stopped).at(-1);

    expect(applied.map(({ name }) => name)).toEqual(['0002_currency', '0003_backfill', '0004_index']);
    expect(report?.failures).toEqual([]);
    expect(report?.written).toBeGreaterThan(0);
    expect(scenario.rows('SELECT count(*) AS n FROM orders')).toMatchObject([{ n: report?.written }]);
    // A migration holds writers up for as long as its transaction lives, but no reader.
    expect(report?.longestReadMs).toBeLessThan(700);
  },
);
