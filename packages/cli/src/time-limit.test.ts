import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { withTimeLimit } from './time-limit.ts';

const late = new Error('too late');
const never = new AbortController().signal;

it('lets work that ignores the limit clean up, and settles only with it', async () => {
  const clock = new ManualClock();
  let cleanedUp = false;
  const result = withTimeLimit(
    async (signal) => {
      await expect(clock.sleep(60_000, signal)).rejects.toBe(late);
      await clock.sleep(5000);
      cleanedUp = true;
      return 'cleaned up';
    },
    { limitMs: 1000, clock, signal: never, onExpired: () => late },
  );
  await clock.advance(1000);
  expect(cleanedUp).toBe(false);
  await clock.advance(5000);
  expect(await result).toBe('cleaned up');
});

it('leaves work alone that ends in time', async () => {
  const clock = new ManualClock();
  let seen: AbortSignal | undefined;
  await withTimeLimit(
    (signal) => {
      seen = signal;
      return Promise.resolve();
    },
    { limitMs: 1000, clock, signal: never, onExpired: () => late },
  );
  await clock.advance(2000);
  expect(seen?.aborted).toBe(false);
});

it('passes an interruption on to the work', async () => {
  const outer = new AbortController();
  const clock = new ManualClock();
  const result = withTimeLimit((signal) => clock.sleep(500, signal), {
    limitMs: 1000,
    clock,
    signal: outer.signal,
    onExpired: () => late,
  });
  outer.abort(new Error('interrupted'));
  await expect(result).rejects.toThrow('interrupted');
});
