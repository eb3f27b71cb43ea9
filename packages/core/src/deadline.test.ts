import { expect, it } from 'vitest';

import { withDeadline } from './deadline.ts';
import { ManualClock } from './testing.ts';

const late = () => new Error('too late');

it('returns what the work returns', async () => {
  const clock = new ManualClock();
  expect(await withDeadline(() => Promise.resolve(7), { deadlineMs: 10, clock, onExpired: late })).toBe(7);
});

it('rejects at the deadline and aborts the work, even when the work never settles', async () => {
  const clock = new ManualClock();
  let seen: AbortSignal | undefined;
  const result = withDeadline<never>(
    (signal) => {
      seen = signal;
      return new Promise(() => undefined);
    },
    { deadlineMs: 100, clock, onExpired: late },
  );
  const rejected = expect(result).rejects.toThrow('too late');
  await clock.advance(99);
  expect(seen?.aborted).toBe(false);
  await clock.advance(1);
  await rejected;
  expect(seen?.aborted).toBe(true);
});

it('rejects with the reason of an outer signal', async () => {
  const outer = new AbortController();
  const result = withDeadline<never>(() => new Promise(() => undefined), {
    deadlineMs: 100,
    clock: new ManualClock(),
    signal: outer.signal,
    onExpired: late,
  });
  outer.abort(new Error('stopped by the operator'));
  await expect(result).rejects.toThrow('stopped by the operator');
});
