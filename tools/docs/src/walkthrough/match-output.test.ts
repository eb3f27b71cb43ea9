import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { matchOutput } from './match-output.ts';

describe('output', () => {
  it.each([
    ['the same', 'a\nb', 'a\nb\n'],
    ['nothing', '', '\n'],
    ['colours and spaces at the ends', 'a', '\u001b[32ma\u001b[39m  \n\n'],
    ['anything within a line', 'added … packages in …s', 'added 127 packages in 4s'],
    ['any lines', 'a\n…\nb', 'a\n1\n2\nb'],
    ['no lines', 'a\n…\nb', 'a\nb'],
    ['lines that look like the end', '…\nb', 'b\na\nb'],
    ['indented dots for lines', 'a\n  …', 'a\nb\nc'],
  ])('fits: %s', (_, expected, printed) => {
    expect(matchOutput(expected, printed)).toBeNull();
  });

  it.each([
    ['another line', 'a\nb', 'a\nc', { line: 2, expected: 'b' }],
    ['a line too few', 'a\nb', 'a', { line: 2, expected: 'b' }],
    ['a line too many', 'a', 'a\nb', { line: 2, expected: null }],
    ['more behind the end', 'a … c', 'a b c d', { line: 1, expected: 'a … c' }],
    ['parts that share characters', 'ab…bc', 'abc', { line: 1, expected: 'ab…bc' }],
    ['parts in another order', '…b…a', 'a b', { line: 1, expected: '…b…a' }],
  ])('does not fit: %s', (_, expected, printed, mismatch) => {
    expect(matchOutput(expected, printed)).toEqual(mismatch);
  });

  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.'), maxLength: 6 }).map((text) => `x${text}x`);
  const lines = fc.array(line, { minLength: 1, maxLength: 8 });

  it('fits whatever of it is left out for dots', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(), fc.nat(), (printed, from, count, cut) => {
        const begin = from % (printed.length + 1);
        const whole = printed.toSpliced(begin, count % (printed.length - begin + 1), '…');
        expect(matchOutput(whole.join('\n'), printed.join('\n'))).toBeNull();
        const [first = ''] = printed;
        const at = cut % (first.length + 1);
        expect(matchOutput(`${first.slice(0, at)}…`, first)).toBeNull();
        expect(matchOutput(`…${first.slice(at)}`, first)).toBeNull();
      }),
    );
  });

  it('without dots fits nothing but itself', () => {
    fc.assert(
      fc.property(lines, lines, (expected, printed) => {
        const same = expected.join('\n') === printed.join('\n');
        expect(matchOutput(expected.join('\n'), printed.join('\n')) === null).toBe(same);
      }),
    );
  });

  it('agrees with the regular expression that says the same', () => {
    const piece = fc.constantFrom('a', 'b', '…');
    const pattern = fc.array(fc.array(piece, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(pattern, text, (patterns, printed) => {
        const source = patterns.map((pieces) => {
          const whole = pieces.join('');
          return whole === '…' ? '(?:[ab]*\n)*' : `${whole.replaceAll('…', '[ab]*')}\n`;
        });
        const fits = new RegExp(`^${source.join('')}$`).test(`${printed.join('\n')}\n`);
        expect(matchOutput(patterns.map((pieces) => pieces.join('')).join('\n'), printed.join('\n')) === null).toBe(
          fits,
        );
      }),
    );
  });
});
