import { parseEnv } from 'node:util';

import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findAmbiguousLines } from './ambiguous-lines.ts';

const places = (text: string) => findAmbiguousLines(text).map(({ line, column }) => `${line}:${column}`);

describe('accepts, and reads as written', () => {
  it.each([
    ['A=plain', 'plain'],
    ['A=', ''],
    ['A=two words', 'two words'],
    ['A=x # a comment', 'x'],
    ['A=x #', 'x'],
    ['A= # nothing but a comment', ''],
    ['  A = x', 'x'],
    ['\tA=x', 'x'],
    ['export A=x', 'x'],
    ['A=x\r', 'x'],
    ['A=$HOME and $(id)', '$HOME and $(id)'],
    ['A=C:\\new', 'C:\\new'],
    ["A='p@ss#word1'", 'p@ss#word1'],
    [`A='{"k":"v"}' # it's JSON`, '{"k":"v"}'],
    ['A=`both \' and "`', 'both \' and "'],
    ['A="two\\nlines"', 'two\nlines'],
    ["A='two\\nlines'", 'two\\nlines'],
    ["A='-----BEGIN KEY-----\nMIIB/Q==\n-----END KEY-----'", '-----BEGIN KEY-----\nMIIB/Q==\n-----END KEY-----'],
  ])('%j', (line, value) => {
    const text = `# first\n\n${line}\nOTHER=1\n`;
    expect(findAmbiguousLines(text)).toEqual([]);
    expect(parse(text)).toEqual({ A: value, OTHER: '1' });
  });
});

describe('refuses, at the character that is at fault', () => {
  it.each([
    ['a # in a value without quotes', 'A=p@ss#word1', '1:7'],
    ['a # that starts a value', 'A=#word1', '1:3'],
    ['a # that starts a word of a value', 'A=pass #word1', '1:8'],
    ['a # at the end of a value', 'A=pass#', '1:7'],
    ['a quote that is never closed', 'A="abc', '1:3'],
    ['a quote closed by one of a later line', 'A="abc\nB="def"', '1:3'],
    ['a quote closed in a later comment', "A='abc\n# don't", '1:3'],
    ['inner quotes of the same kind', `A="{"k":"v"}"`, '1:6'],
    ['escaped inner quotes', String.raw`A="{\"k\":\"v\"}"`, '1:5'],
    ['a backslash before the closing quote', String.raw`A='abc\'`, '1:7'],
    ['a backslash in double quotes', String.raw`A="a\tb"`, '1:5'],
    ['a carriage return escape, which Node does not know', String.raw`A="a\rb"`, '1:5'],
    ['two backslashes in double quotes', String.raw`A="a\\nb"`, '1:5'],
    ['a quote in a value without quotes', "A=it's", '1:5'],
    ['text after the closing quote', 'A="x" y', '1:6'],
    ['a comment that touches the closing quote', 'A="x"#y', '1:6'],
    ['a name set twice', 'A=1\nB=1\n  A=2', '3:3'],
    ['a byte order mark', '\uFEFFA=1', '1:1'],
    ['a name that starts with a digit', ' 1A=1', '1:2'],
    ['a name with a dash', 'A-B=1', '1:1'],
    ['a colon for an equals sign', 'A: b=1', '1:1'],
    ['no name', '=1', '1:1'],
    ['a line without an equals sign', 'A=1\n  B', '2:3'],
    ['a space that dotenv would trim', 'A=x\u00a0', '1:4'],
    ['a lone carriage return in a value', 'A=1\rB=2', '1:4'],
    ['a carriage return inside quotes', "A='1\r\n2'", '1:5'],
    ['a NUL inside quotes', "A='1\0'", '1:5'],
    ['a line separator that hides an assignment in a comment', '# note\u2028B=1', '1:1'],
    ['a line separator that hides an assignment behind a value', 'A=1 # note\u2028B=1', '1:11'],
  ])('%s', (_, text, place) => {
    expect(places(text)).toEqual([place]);
  });

  it('an open quote that the next one closes, though what is between would read as its value', () => {
    expect(places('A="abc\nB=1\nC="')).toEqual(['1:3', '3:3']);
  });

  it('every line at once, and goes on behind an open quote', () => {
    expect(places('A=a#b\nB="open\nB=1\nC\nD=`x` y\nE=1\n')).toEqual(['1:4', '2:3', '3:1', '4:1', '5:6']);
  });
});

it('says nothing of the text it refuses', () => {
  const needle = fc.constantFrom('NEEDLE', 'NEEDLE=', 'x#NEEDLE', '"NEEDLE', "NEEDLE='", 'NEEDLE NEEDLE', '\\NEEDLE"');
  fc.assert(
    fc.property(fc.array(needle, { minLength: 1 }), (lines) => {
      expect(JSON.stringify(findAmbiguousLines(lines.join('\n')))).not.toContain('NEEDLE');
    }),
  );
});

// Pieces that matter to some reader, so that random files are rarely plain nonsense.
const piece = fc.constantFrom(
  ...['A', 'B', 'C_1', '=', ' = ', '=', '\n', '\n', '\r\n', '\r', ' ', '\t', '#', ' # '],
  ...["'", '"', '`', '\\', '\\n', '\\r'],
  ...['export ', 'export\t', ':', '-', '.', '$', 'x', 'y', '\u2028', '\u00a0', '\uFEFF', '\f', '\v', '\0', '\u{1f511}'],
);

// Where a value is empty Node may go on reading on the next line, and it takes an indented comment with = for a name.
it('accepts only values that dotenv and Node itself read the same', () => {
  const line = fc
    .tuple(fc.constantFrom('A=', 'B=', 'C = ', 'export D=', ''), fc.array(piece, { maxLength: 6 }))
    .map(([start, rest]) => start + rest.join(''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      const text = lines.join('\n');
      fc.pre(findAmbiguousLines(text).length === 0);
      const values = parse(text);
      fc.pre(!Object.values(values).includes(''));
      expect({ ...parseEnv(text) }).toMatchObject(values);
    }),
    { numRuns: 3000 },
  );
});

it('reads every value back as it was written by the rules of the README', () => {
  const character = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), piece);
  const value = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''));
  const writable = value.filter((text) => quoted(text) !== undefined);
  fc.assert(
    fc.property(fc.array(writable, { minLength: 1, maxLength: 4 }), (values) => {
      const text = values.map((value, index) => `NAME_${index}=${quoted(value)} # note\n`).join('');
      expect(findAmbiguousLines(text)).toEqual([]);
      expect(Object.values(parse(text))).toEqual(values);
    }),
    { numRuns: 2000 },
  );
});

/** The first kind of quote that can hold the value; undefined for what no .env file can hold. */
function quoted(value: string): string | undefined {
  if (/[\0\r]/.test(value)) return undefined;
  const oneLine = value.replaceAll('\n', '\\n');
  if (!/["\\]/.test(value)) return `"${oneLine}"`;
  if (value.endsWith('\\') || /\n[ \t]*(export +)?\w+[ \t]*=[ \t]*$/.test(value)) return undefined;
  const quote = ["'", '`'].find((kind) => !value.includes(kind));
  return quote === undefined ? undefined : quote + value + quote;
}
