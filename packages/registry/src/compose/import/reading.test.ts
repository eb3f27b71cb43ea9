import { expect, it } from 'vitest';

import { amountOf, durationMs } from './amounts.ts';
import { interpolate, soleVariable } from './interpolation.ts';
import { shellWords } from './shell-words.ts';

it.each([
  ['run --flag  value', ['run', '--flag', 'value']],
  [`say "two words" 'and "more"' plain\\ text`, ['say', 'two words', 'and "more"', 'plain text']],
  [`a"b c"d ''`, ['ab cd', '']],
  [`"a \\"b\\" \\n"`, ['a "b" \\n']],
  ['  ', []],
])('splits %j into its words', (command, words) => {
  expect(shellWords(command)).toEqual(words);
});

it.each([
  ['a$$b', 'a$b', [], []],
  ['$A and ${B}', ' and ', [], ['A', 'B']],
  ['${A:-x}/${B-}', 'x/', ['A', 'B'], []],
  ['${A:-http://${B:-localhost}:80}', 'http://localhost:80', ['A'], []],
  ['${A:?say it}', '', [], ['A']],
  ['100 $ and $1', '100 $ and $1', [], []],
])('resolves the variables of %s as far as it goes', (written, text, defaulted, open) => {
  expect(interpolate(written)).toEqual({ text, defaulted, open });
});

it.each([
  ['${TOKEN}', 'TOKEN'],
  ['$TOKEN', 'TOKEN'],
  ['${TOKEN:-x}', null],
  ['a${TOKEN}', null],
  ['$A$B', null],
  ['$$A', null],
])('finds the variable that %s is', (written, name) => {
  expect(soleVariable(written)).toBe(name);
});

it.each([
  ['1m30s', 90_000],
  ['1.5s', 1_500],
  ['500ms', 500],
  ['10', null],
  [10, null],
])('reads %j as milliseconds', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it.each([
  ['512M', '512m'],
  ['1gb', '1g'],
  ['1.5g', '1.5g'],
  [1_073_741_824, '1g'],
  ['2048', '2k'],
  ['1536b', '1.5k'],
  ['64', null],
  ['much', null],
  [undefined, null],
])('reads %j as an amount', (value, amount) => {
  expect(amountOf(value)).toBe(amount);
});
