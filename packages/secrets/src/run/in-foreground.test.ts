import { expect, it } from 'vitest';

import { isForegroundStat } from './in-foreground.ts';

it.each([
  ['in the foreground group of its terminal', '41 (node) S 40 41 40 34816 41 4194304', true],
  ['in another group of a terminal', '41 (node) S 40 41 40 34816 55 4194304', false],
  ['without a terminal', '41 (node) S 40 41 41 0 -1 4194304', false],
  ['of a program with an odd name', '41 (a) S 1 2) R 40 41 40 34816 41 0', true],
  ['unreadable', '', false],
])('is asked about a process %s', (_, stat, expected) => {
  expect(isForegroundStat(stat)).toBe(expected);
});
