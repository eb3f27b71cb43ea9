import fc from 'fast-check';
import { expect, it } from 'vitest';

import { jsonMistake, keysIn, keysWritten } from './json-syntax.ts';

it('finds nothing in JSON', () => {
  const property = fc.property(fc.json(), (text) => {
    expect(jsonMistake(text)).toBeUndefined();
  });
  fc.assert(property);
});

it.each([
  ['a comma after the last item', '{\n  "a": ["x",]\n}', { line: 2, column: 12 }],
  ['a comma after the last key', '{\n  "a": 1,\n}', { line: 3, column: 1 }],
  ['a missing comma', '{\n  "a": "x"\n  "b": 1\n}', { line: 3, column: 3 }],
  ['a comment', '{\n  // why\n  "a": 1\n}', { line: 2, column: 3 }],
  ['a comment before a value', '{ "a": /* why */ 1 }', { line: 1, column: 8 }],
  ['single quotes', `{\n  "a": 'x'\n}`, { line: 2, column: 8 }],
  ['a name without quotes', '{ "a": 1, b: 2 }', { line: 1, column: 11 }],
  ['a value without quotes', '{ "a": "x\\"y", "b": yes }', { line: 1, column: 21 }],
  ['a missing end', '{\n  "a": [1', { line: 2, column: 10 }],
  ['nothing at all', '', { line: 1, column: 1 }],
])('finds %s', (_, text, position) => {
  expect(jsonMistake(text)).toEqual(position);
});

it('points at or before the first letter that no JSON continues with', () => {
  const property = fc.property(fc.json(), fc.nat(), (text, at) => {
    const offset = at % (text.length + 1);
    const { column = Infinity } = jsonMistake(`${text.slice(0, offset)}\u0001${text.slice(offset)}`) ?? {};
    expect(column).toBeLessThanOrEqual(offset + 1);
  });
  fc.assert(property);
});

it('counts as many keys as there are in what was written, and more where one is there twice', () => {
  const property = fc.property(fc.jsonValue(), (value) => {
    expect(keysIn(value)).toBe(keysWritten(JSON.stringify(value)));
    expect(keysIn(value)).toBe(keysWritten(JSON.stringify(value, undefined, 2)));
  });
  fc.assert(property);
  for (const twice of ['{ "a": 1, "a": 1 }', '[{ "b\\":": { "a" : [], "\\u0061":2 } }]']) {
    expect(keysIn(JSON.parse(twice))).toBe(keysWritten(twice) - 1);
  }
});
