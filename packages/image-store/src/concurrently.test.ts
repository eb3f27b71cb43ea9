import { expect, it } from 'vitest';

import { concurrently } from './concurrently.ts';

const items = Array.from({ length: 50 }, (_, index) => index);
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

it('works on eight items at once and keeps their order', async () => {
  let working = 0;
  let most = 0;
  const results = await concurrently(items, async (item) => {
    working += 1;
    most = Math.max(most, working);
    for (let turn = 0; turn < item % 3; turn += 1) await nextTurn();
    working -= 1;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(8);
});

it('begins nothing after a failure, and leaves nothing going on', async () => {
  const begun: number[] = [];
  let working = 0;
  const work = concurrently(items, async (item) => {
    begun.push(item);
    working += 1;
    await nextTurn();
    working -= 1;
    if (item === 3) throw new Error('no');
    // Those beside the failing one are still at work when it fails.
    await nextTurn();
  });
  await expect(work).rejects.toThrow('no');
  expect(begun).toHaveLength(8);
  expect(working).toBe(0);
});
