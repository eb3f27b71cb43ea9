import { expect, it } from 'vitest';

import { expandWord } from './dockerfile-words.ts';

const values: Readonly<Record<string, string>> = { V: '24', EMPTY: '', A_1: 'x' };
const expand = (word: string, escape = '\\') => expandWord(word, { escape, variables: (name) => values[name] });

it.each([
  ['node:$V-slim', 'node:24-slim'],
  ['node:${V}slim', 'node:24slim'],
  ['$A_1$V', 'x24'],
  ['"a $V"', 'a 24'],
  ["'a $V'", 'a $V'],
  ['\\$V', '$V'],
  ['${V:-18}', '24'],
  ['${NONE:-18}', '18'],
  ['${EMPTY:-18}', '18'],
  ['${EMPTY-18}', ''],
  ['${NONE:-${V}}', '24'],
  ['${V:+set}', 'set'],
  ['${EMPTY:+set}', ''],
  ['${EMPTY+set}', 'set'],
  ['${NONE+set}', ''],
  ['${V?wanted}', '24'],
  ['a$', 'a$'],
  ['a$-b', 'a$-b'],
])('%s is %j', (word, expanded) => {
  expect(expand(word)).toBe(expanded);
});

it('knows the escape character of the Dockerfile', () => {
  expect(expand('`$V\\', '`')).toBe('$V\\');
});

it.each([
  ['$NONE', 'nothing gives NONE a value'],
  ['${NONE:?give a version}', 'give a version'],
  ['${V', 'not closed'],
  ['${V#2}', 'not understood'],
  ['${}', 'not understood'],
])('refuses %s', (word, message) => {
  expect(() => expand(word)).toThrow(message);
});
