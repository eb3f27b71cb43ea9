import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { limited } from './limited.ts';

it('does so many at a time, and gives the results in order', async () => {
  const clock = new ManualClock();
  let running = 0;
  let most = 0;
  const all = limited([5, 4, 3, 2, 1], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await clock.sleep(item * 100);
    running -= 1;
    return item * 10;
  });
  await clock.advance(2000);
  expect(await all).toEqual([50, 40, 30, 20, 10]);
  expect(most).toBe(2);
});

it('passes on what one of them throws', async () => {
  const work = (item: number) => (item === 2 ? Promise.reject(new Error('broken')) : Promise.resolve(item));
  await expect(limited([1, 2, 3], 2, work)).rejects.toThrow('broken');
});
