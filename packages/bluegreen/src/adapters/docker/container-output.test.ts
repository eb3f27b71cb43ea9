import fc from 'fast-check';
import { expect, it } from 'vitest';

import { lastLines, readOutput } from './container-output.ts';

function piece(text: string, stream = 1): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

const at = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;

it('reads the lines of both streams with their times', () => {
  const answer = Buffer.concat([piece(`${at(1)} one\n`), piece(`${at(2)} two words\r\n`, 2), piece(`${at(3)} \n`)]);
  expect(readOutput(answer)).toEqual([
    { at: at(1), text: 'one' },
    { at: at(2), text: 'two words' },
    { at: at(3), text: '' },
  ]);
  expect(readOutput(Buffer.alloc(0))).toEqual([]);
});

it('joins a line that the engine has cut, also where the other stream comes in between', () => {
  const answer = Buffer.concat([piece(`${at(1)} half`), piece(`${at(2)} error\n`, 2), piece(`${at(3)} and half\n`)]);
  expect(readOutput(answer).map(({ text }) => text)).toEqual(['halfand half', 'error']);
});

it('finds every line again', () => {
  fc.assert(
    fc.property(fc.array(fc.string().map((text) => text.replaceAll(/[\r\n]/g, ' '))), (lines) => {
      const answer = Buffer.concat(lines.map((line) => piece(`${at(1)} ${line}\n`)));
      expect(readOutput(answer).map(({ text }) => text)).toEqual(lines);
    }),
  );
});

it('shows the last lines of several containers in the order of their times', () => {
  const one = [1, 3].map((second) => ({ at: at(second), text: `one ${second}` }));
  const other = [2, 4].map((second) => ({ at: at(second), text: `other ${second}` }));
  expect(lastLines([one, other], 3)).toEqual(['other 2', 'one 3', 'other 4']);
  expect(lastLines([one], 0)).toEqual([]);
});
