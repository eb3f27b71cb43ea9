import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { databaseLocked } from './database-errors.ts';
import { whenUnlocked } from './waiting.ts';

function attemptLockedFor(clock: ManualClock, lockedMs: number) {
  const end = clock.monotonic() + lockedMs;
  return () =>
    clock.monotonic() < end ? Promise.reject(databaseLocked('app.db', 'look at it')) : Promise.resolve('done');
}

function options(clock: ManualClock, signal?: AbortSignal) {
  const waits: number[] = [];
  const onWaiting = () => waits.push(clock.monotonic());
  return { service: 'api', clock, timeoutMs: 1000, signal, onWaiting, waits };
}

it('does not wait for what is free', async () => {
  const clock = new ManualClock();
  const waiting = options(clock);
  expect(await whenUnlocked(attemptLockedFor(clock, 0), waiting)).toBe('done');
  expect(waiting.waits).toEqual([]);
});

it('tries until the database is free, and says once that it waits', async () => {
  const clock = new ManualClock();
  const waiting = options(clock);
  const result = whenUnlocked(attemptLockedFor(clock, 900), waiting);
  await clock.advance(1000);
  expect(await result).toBe('done');
  expect(waiting.waits).toHaveLength(1);
});

it('gives up at the deadline, not before and not later', async () => {
  const clock = new ManualClock(0);
  let settledAt: number | undefined;
  const result = whenUnlocked(attemptLockedFor(clock, 5000), options(clock)).finally(() => {
    settledAt = clock.monotonic();
  });
  const rejected = expect(result).rejects.toMatchObject({
    code: 'MIGRATIONS_LOCKED',
    message: 'api: app.db is locked by another connection, waited 1000 ms for it',
    hint: 'look at it',
    retryable: true,
  });
  await clock.advance(2000);
  await rejected;
  expect(settledAt).toBe(1000);
});

it('passes on any other error at once', async () => {
  const attempt = () => Promise.reject(new Error('disk full'));
  await expect(whenUnlocked(attempt, options(new ManualClock()))).rejects.toThrow('disk full');
});

it('stops waiting with the reason of the signal', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const result = whenUnlocked(attemptLockedFor(clock, 5000), options(clock, stop.signal));
  const rejected = expect(result).rejects.toThrow('enough');
  await clock.advance(100);
  stop.abort(new Error('enough'));
  await rejected;
});
