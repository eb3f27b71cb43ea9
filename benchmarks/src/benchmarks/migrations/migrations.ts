import type { Benchmark } from '../../benchmark.ts';
import { npmVersion } from '../../npm-version.ts';
import { manyDatabases } from './many-databases.ts';
import { manyStatuses } from './many-statuses.ts';
import { openPlace } from './place.ts';
import { thousand } from './thousand.ts';

/** Migrations on PostgreSQL beside other runners, and many databases beside one. */
export const migrations: Benchmark = {
  peers: { umzug: () => npmVersion('umzug'), 'node-pg-migrate': () => npmVersion('node-pg-migrate') },
  async run(context) {
    const place = await openPlace(context);
    await thousand(place, context);
    await manyStatuses(place, context);
    await manyDatabases(place, context);
  },
};
