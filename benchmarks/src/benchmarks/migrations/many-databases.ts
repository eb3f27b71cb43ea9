import { openMigrationBatch } from '@maestro/migrations';
import { postgresqlDatabase } from '@maestro/migrations/postgresql';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Place } from './place.ts';
import { requireResult } from './require-result.ts';

const concurrency = 10;

/**
 * Databases migrated side by side, beside what they take one by one, divided by how many there are at a time. They share
 * this machine's processors, which databases on servers of their own do not: a migration therefore waits on the server,
 * as one that rewrites a large table keeps its own server busy and nobody else.
 */
export async function manyDatabases(place: Place, context: Context): Promise<void> {
  const { count, rounds } = context.quick ? { count: 20, rounds: 1 } : { count: 100, rounds: 4 };
  const { ours, ideal } = await prepareDatabases(place, { count, concurrency, waitSeconds: 0.5 });
  await context.pair({
    name: `${count} databases, ${concurrency} at a time`,
    unit: 'ms',
    rounds,
    warmUp: false,
    ours,
    peer: { name: 'one by one, divided', measure: ideal },
    bar: { of: 'ratio', atMost: 1.3 },
  });
}

export interface DatabasesOptions {
  readonly count: number;
  readonly concurrency: number;
  readonly waitSeconds: number;
}

export async function prepareDatabases(
  place: Place,
  options: DatabasesOptions,
): Promise<{ readonly ours: () => Promise<number>; readonly ideal: () => Promise<number> }> {
  const { signal } = place;
  const files = new Map([
    ['0001_create.up.sql', 'CREATE TABLE orders (id bigint PRIMARY KEY);\n'],
    ['0002_rewrite.up.sql', `ALTER TABLE orders ADD COLUMN total numeric;\nSELECT pg_sleep(${options.waitSeconds});\n`],
    ['0003_index.up.sql', 'CREATE INDEX orders_total ON orders (total);\n'],
  ]);
  const folder = await place.write('databases', files);
  const urls = await place.freshDatabases(options.count);
  const run = async (some: readonly string[]) => {
    const batch = openMigrationBatch({
      databases: some.map((url) => ({ name: url, service: 'bench', folder, open: () => postgresqlDatabase({ url }) })),
      concurrency: options.concurrency,
    });
    let applied = 0;
    const took = await elapsedMs(async () => {
      const { databases } = await batch.run({ signal });
      applied = databases.reduce((sum, one) => sum + one.applied.length, 0);
    });
    requireResult(applied, some.length * files.size, 'migrations are applied');
    return took;
  };
  return {
    ours: async () => {
      await place.empty(urls);
      return run(urls);
    },
    ideal: async () => {
      await place.empty(urls);
      let sum = 0;
      for (const url of urls) sum += await run([url]);
      return sum / options.concurrency;
    },
  };
}
