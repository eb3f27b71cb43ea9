import { Readable } from 'node:stream';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { outputLines, outputPieces } from './output-pieces.ts';

function framed(stream: number, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function* inChunks(whole: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (let index = 0; from < whole.length; index += 1) {
    const end = from + (sizes[index % sizes.length] ?? whole.length);
    yield await Promise.resolve(whole.subarray(from, end));
    from = end;
  }
}

async function all<T>(found: AsyncIterable<T>): Promise<readonly T[]> {
  return (await Readable.from(found).toArray()) as T[];
}

it('takes an answer apart however its bytes arrive', async () => {
  const piece = fc.record({ stream: fc.constantFrom(1, 2), text: fc.string({ unit: 'grapheme', maxLength: 40 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
      async (pieces, sizes) => {
        const whole = Buffer.concat(pieces.map(({ stream, text }) => framed(stream, text)));
        const found = await all(outputPieces(inChunks(whole, sizes)));
        expect(found.map(({ stream, content }) => ({ stream, text: content.toString('utf8') }))).toEqual(pieces);
      },
    ),
  );
});

it('puts together what the engine cut, within a letter too, and keeps the time of the first piece', async () => {
  const long = Buffer.from('aä\n');
  const answer = Buffer.concat([
    framed(1, 'T1 out '),
    framed(2, 'T2 error\r\n'),
    framed(1, 'T3 goes on\n'),
    ...[long.subarray(0, 2), long.subarray(2)].map((part, index) => {
      const content = Buffer.concat([Buffer.from(`T${4 + index} `), part]);
      return Buffer.concat([framed(1, '').subarray(0, 4), Buffer.from([0, 0, 0, content.length]), content]);
    }),
    framed(2, 'T6 not ended'),
  ]);
  expect(await all(outputLines(inChunks(answer, [5])))).toEqual([
    { at: 'T2', text: 'error' },
    { at: 'T1', text: 'out goes on' },
    { at: 'T4', text: 'aä' },
    { at: 'T6', text: 'not ended' },
  ]);
});
