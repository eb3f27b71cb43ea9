import { expect, it } from 'vitest';

import { systemClock } from './system-clock.ts';

it('sleeps at least as long as asked', async () => {
  const start = systemClock.monotonic();
  await systemClock.sleep(20);
  expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19);
});

it('rejects an aborted sleep with the reason of the signal', async () => {
  const reason = new Error('stop');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});
