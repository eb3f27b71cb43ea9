import { openMigrationBatch } from '@maestro/migrations';
import { postgresqlDatabase } from '@maestro/migrations/postgresql';
import pg from 'pg';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { openDistantFront } from './distant-front.ts';
import type { Place } from './place.ts';
import { requireResult } from './require-result.ts';

const count = 50;
const delayMs = 25;

/**
 * Databases that have everything, asked side by side, beside the slowest of them alone and bare connections to all. On
 * this machine they share its processors, with one another and with whoever asks; so the bar is for servers as far away
 * as another region's, where it shows whether one waits for another.
 */
export async function manyStatuses(place: Place, context: Context): Promise<void> {
  const urls = await migratedDatabases(place, { count, migrations: 20 });
  const distant = context.stack.use(await openDistantFront(urls[0] ?? '', { delayMs }));
  const there = prepareStatuses(
    place,
    urls.map((url) => distant.urlOf(url)),
  );
  const here = prepareStatuses(place, urls);
  const figure = { unit: 'ms', warmUp: false } as const;
  const peer = 'the slowest alone, and connecting';
  await context.pair({
    ...figure,
    name: `status of ${count} databases, ${2 * delayMs} ms away`,
    // Each asks all of them one after the other.
    rounds: context.quick ? 2 : 8,
    ours: there.ours,
    peer: { name: peer, measure: there.slowestAlone },
    bar: { of: 'ratio', atMost: 1.3 },
  });
  await context.pair({
    ...figure,
    name: `status of ${count} databases on this machine`,
    rounds: context.quick ? 6 : 20,
    ours: here.ours,
    peer: { name: peer, measure: here.slowestAlone },
  });
}

/** So many databases with so many migrations each. */
export async function migratedDatabases(
  place: Place,
  options: { readonly count: number; readonly migrations: number },
): Promise<readonly string[]> {
  const files = Array.from({ length: options.migrations }, (_, index): [string, string] => {
    return [`${String(index + 1).padStart(4, '0')}_create.up.sql`, `CREATE TABLE orders_${index} (id bigint);\n`];
  });
  await place.write(folder, new Map(files));
  const urls = await place.freshDatabases(options.count);
  const { databases } = await batchOf(place, urls).run({ signal: place.signal });
  requireResult(databases.filter(({ outcome }) => outcome === 'done').length, options.count, 'databases are migrated');
  return urls;
}

const folder = 'statuses';

function batchOf(place: Place, urls: readonly string[]) {
  return openMigrationBatch({
    databases: urls.map((url) => ({
      name: url,
      service: 'bench',
      folder: place.folderOf(folder),
      open: () => postgresqlDatabase({ url }),
    })),
    concurrency: urls.length,
  });
}

export function prepareStatuses(
  place: Place,
  urls: readonly string[],
): { readonly ours: () => Promise<number>; readonly slowestAlone: () => Promise<number> } {
  const status = async (some: readonly string[]) => {
    const batch = batchOf(place, some);
    const known: (readonly string[])[] = [];
    const took = await elapsedMs(async () => {
      const { databases: asked } = await batch.status({ signal: place.signal });
      known.push(...asked.flatMap((one) => ('status' in one ? [one.status.pending] : [])));
    });
    requireResult(known.filter((pending) => pending.length === 0).length, some.length, 'databases are up to date');
    return took;
  };
  return {
    ours: () => status(urls),
    slowestAlone: async () => {
      const connecting = await elapsedMs(() => Promise.all(urls.map(connectAlone)));
      const alone: number[] = [];
      for (const url of urls) alone.push(await status([url]));
      return Math.max(...alone) + connecting;
    },
  };
}

async function connectAlone(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}
