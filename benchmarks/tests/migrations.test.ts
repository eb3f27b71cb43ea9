import { isMaestroError, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openDistantFront } from '../src/benchmarks/migrations/distant-front.ts';
import { prepareDatabases } from '../src/benchmarks/migrations/many-databases.ts';
import { migratedDatabases, prepareStatuses } from '../src/benchmarks/migrations/many-statuses.ts';
import { type Place, placeOf } from '../src/benchmarks/migrations/place.ts';
import { requireResult } from '../src/benchmarks/migrations/require-result.ts';
import { prepareRuns } from '../src/benchmarks/migrations/thousand.ts';

const slowMs = 60_000;

describeWith('what is measured of migrations', ['postgresql'], (parts) => {
  let place: Place;
  let stack: AsyncDisposableStack;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    place = await placeOf(parts().postgresql.url, { signal: new AbortController().signal, stack });
  });
  afterEach(() => stack.disposeAsync());

  /** Names of what begins with the suite's name. */
  const databases = async () => {
    const { url } = parts().postgresql;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const sql = 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)';
    const { rows } = await client.query<{ datname: string }>(sql, [new URL(url).pathname.slice(1)]);
    await client.end();
    return rows.map(({ datname }) => datname);
  };

  it('is every migration, by all three, each time in a new database', { timeout: slowMs }, async () => {
    const { ours, umzug, nodePgMigrate } = await prepareRuns(place, { count: 9 });
    for (const measure of [ours, umzug, nodePgMigrate, ours]) expect(await measure()).toBeGreaterThan(0);
  });

  it('is databases that are up to date, and that all of them are', { timeout: slowMs }, async () => {
    const { ours, slowestAlone } = prepareStatuses(place, await migratedDatabases(place, { count: 3, migrations: 2 }));
    for (const measure of [ours, slowestAlone]) expect(await measure()).toBeGreaterThan(0);
  });

  it('is a server that is far away, whatever passes between', { timeout: slowMs }, async () => {
    const { url } = parts().postgresql;
    const front = stack.use(await openDistantFront(url, { delayMs: 5 }));
    const client = new pg.Client({ connectionString: front.urlOf(url) });
    await client.connect();
    const text = 'x'.repeat(1_000_000);
    const start = systemClock.monotonic();
    const { rows } = await client.query<{ text: string }>('SELECT $1 AS text', [text]);
    // At least there and back; how long it takes besides is the machine's.
    expect(systemClock.monotonic() - start).toBeGreaterThan(9);
    expect(rows).toEqual([{ text }]);
    await client.end();
  });

  it('is databases that are emptied before each round', { timeout: slowMs }, async () => {
    const { ours, ideal } = await prepareDatabases(place, { count: 4, concurrency: 2, waitSeconds: 0 });
    for (const measure of [ours, ideal, ours]) expect(await measure()).toBeGreaterThan(0);
  });

  it('leaves no database', async () => {
    await place.freshDatabases(2);
    const [, second] = await place.freshDatabases(2);
    expect(await databases()).toHaveLength(3);
    expect(await databases()).toContain(new URL(second ?? '').pathname.slice(1));
    await stack.disposeAsync();
    expect(await databases()).toHaveLength(1);
  });
});

it('is no time where the work was not done', () => {
  requireResult(3, 3, 'tables are there');
  expect(() => {
    requireResult(2, 3, 'tables are there');
  }).toThrow(expect.toSatisfy((error) => isMaestroError(error, 'BENCH_WRONG_RESULT')) as Error);
});
