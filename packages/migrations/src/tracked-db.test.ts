import { expect, it } from 'vitest';

import type { MigrationDb } from './ports/migration-database.ts';
import { trackedDb } from './tracked-db.ts';

function dbWith(execute: () => Promise<void>): MigrationDb {
  return { execute, query: () => Promise.resolve([]) };
}

it('waits for the calls that nobody waited for', async () => {
  let done = 0;
  const later = () =>
    new Promise<void>((resolve) => {
      setImmediate(() => {
        done += 1;
        resolve();
      });
    });
  const tracked = trackedDb(dbWith(later));
  void tracked.db.execute('SELECT 1');
  void tracked.db.execute('SELECT 1');
  await tracked.settled();
  expect(done).toBe(2);
});

it('fails with the first of them that fails', async () => {
  const tracked = trackedDb(dbWith(() => Promise.reject(new Error('no'))));
  void tracked.db.execute('SELECT 1');
  await expect(tracked.settled()).rejects.toThrow('no');
});

it('leaves failures that were waited for to whoever waited', async () => {
  const tracked = trackedDb(dbWith(() => Promise.reject(new Error('no'))));
  await expect(tracked.db.execute('SELECT 1')).rejects.toThrow('no');
  await tracked.settled();
});
