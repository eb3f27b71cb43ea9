import { expect, it } from 'vitest';

import { concurrently } from './concurrently.ts';

const never = () => new AbortController().signal;

it('returns the results in the order of the items', async () => {
  const results = await concurrently([3, 1, 2], never(), async (item) => {
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20]);
});

it('aborts the others on the first failure and throws it once they have settled', async () => {
  const settled: string[] = [];
  const work = concurrently(['fails', 'waits'], never(), (item, signal) => {
    if (item === 'fails') return Promise.reject(new Error('no health'));
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        setImmediate(() => {
          settled.push(item);
          reject(new Error('cancelled'));
        });
      });
    });
  });
  await expect(work).rejects.toThrow('no health');
  expect(settled).toEqual(['waits']);
});
