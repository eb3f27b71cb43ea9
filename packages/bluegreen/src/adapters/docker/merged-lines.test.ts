import { Readable } from 'node:stream';

import { expect, it } from 'vitest';

import { asTheyCome, inOrder, type Ordered } from './merged-lines.ts';

async function* log(id: string, ...times: readonly string[]): AsyncGenerator<Ordered> {
  for (const at of times) yield await Promise.resolve({ id, replica: 0, at, text: at });
}

const all = async (lines: AsyncIterable<Ordered>) => (await Readable.from(lines).toArray()) as Ordered[];
const timesOf = (lines: readonly Ordered[]) => lines.map(({ at }) => at);

it('puts the lines of several logs in order', async () => {
  const lines = await all(inOrder([log('a', '1', '4', '5'), log('b'), log('c', '2', '3', '6')]));
  expect(timesOf(lines)).toEqual(['1', '2', '3', '4', '5', '6']);
});

it('passes on every line of several logs, each log in its order, without waiting for one that is silent', async () => {
  const silent = log('silent');
  silent.next = () => new Promise(() => undefined);
  const lines = asTheyCome([log('a', '1', '2'), silent, log('b', '3')]);
  const found = [await lines.next(), await lines.next(), await lines.next()].map(({ value }) => value as Ordered);
  expect(timesOf(found).toSorted()).toEqual(['1', '2', '3']);
});
