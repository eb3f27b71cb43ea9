import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EngineFault } from './engine-fault.ts';
import { readEvents } from './engine-events.ts';

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]) {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.byteLength + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.byteLength]) {
    yield await Promise.resolve(bytes.subarray(start, end));
    start = end;
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>) {
  const events = [];
  for await (const event of readEvents(chunks)) events.push(event);
  return events;
}

describe('the events of an answer', () => {
  const event = fc.record(
    {
      stream: fc.string({ unit: 'grapheme' }),
      status: fc.string({ unit: 'grapheme' }),
      id: fc.string(),
      aux: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it('are the same wherever its chunks are cut and its lines end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r\n\r\n'),
        fc.array(fc.nat(1000)),
        fc.boolean(),
        async (events, lineEnd, cuts, ended) => {
          const lines = events.map((each) => JSON.stringify(each)).join(lineEnd) + (ended ? lineEnd : '');
          const expected = events.map((each) => JSON.parse(JSON.stringify(each)) as unknown);
          expect(await collect(inChunks(Buffer.from(lines), cuts))).toEqual(expected);
        },
      ),
    );
  });

  it('are never fewer than there were: whatever is cut off inside one is an error', async () => {
    await fc.assert(
      fc.asyncProperty(event, fc.nat(1000), async (each, at) => {
        const line = Buffer.from(JSON.stringify(each));
        const cut = line.subarray(0, 1 + (at % (line.byteLength - 1)));
        await expect(collect(inChunks(cut, []))).rejects.toBeInstanceOf(EngineFault);
      }),
    );
  });
});
