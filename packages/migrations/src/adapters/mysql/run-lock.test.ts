import fc from 'fast-check';
import { expect, it } from 'vitest';

import { refusesServerLocks } from './mysql-errors.ts';
import { lockName } from './run-lock.ts';

it('has a lock of its own for each database, with a name that every server takes', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 64 }),
      fc.string({ minLength: 1, maxLength: 64 }),
      (one, other) => {
        expect(lockName(one)).toMatch(/^maestro\.\w{1,24}\.[0-9a-f]{24}$/);
        expect(lockName(one).length).toBeLessThanOrEqual(64);
        if (one !== other) expect(lockName(one)).not.toBe(lockName(other));
      },
    ),
  );
});

const error = (code: string, message: string) => Object.assign(new Error(message), { code });

it.each([
  [
    error('ER_NOT_SUPPORTED_YET', "This version of MariaDB doesn't yet support 'GET_LOCK in cluster (WSREP_ON=ON)'"),
    true,
  ],
  [
    error('ER_UNKNOWN_ERROR', 'Percona-XtraDB-Cluster prohibits use of GET_LOCK with pxc_strict_mode = ENFORCING'),
    true,
  ],
  [error('ER_LOCK_DEADLOCK', 'Deadlock found when trying to get user-level lock'), false],
  [error('ER_ACCESS_DENIED_ERROR', 'Access denied'), false],
])('knows from %s whether a cluster refuses the lock', (refusal, expected) => {
  expect(refusesServerLocks(refusal)).toBe(expected);
});
