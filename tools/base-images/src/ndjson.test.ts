import fc from 'fast-check';
import { expect, it } from 'vitest';

import { readNdjson } from './ndjson.ts';

async function* inChunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

it('reads the same values wherever the chunks are cut, also within a character and without a last newline', async () => {
  const values = fc.array(fc.record({ status: fc.string({ unit: 'grapheme' }) }));
  const sizes = fc.array(fc.integer({ min: 0, max: 7 }));
  await fc.assert(
    fc.asyncProperty(values, sizes, fc.constantFrom('', '\n', '\r\n'), async (expected, cuts, end) => {
      const text = expected.map((value) => JSON.stringify(value)).join('\n') + end;
      expect(await collect(readNdjson(inChunks(Buffer.from(text), cuts)))).toEqual(expected);
    }),
  );
});

it('shows the line that is not JSON', async () => {
  const lines = inChunks(Buffer.from('{}\n<html>bad gateway</html>\n'), []);
  await expect(collect(readNdjson(lines))).rejects.toThrow('got "<html>bad gateway</html>"');
});
