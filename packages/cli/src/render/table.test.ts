import fc from 'fast-check';
import pc from 'picocolors';
import { expect, it } from 'vitest';

import { alignedTables, table } from './table.ts';

const colors = pc.createColors(true);

it('pads every column but the last to its widest cell', () => {
  expect(
    table(
      [
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'ccc'],
      ],
      '  ',
    ),
  ).toEqual(['  a    bb  c', '  aaa  b   ccc']);
});

it('does not count colours as width', () => {
  expect(
    table([
      [colors.red('a'), 'x'],
      ['bb', 'y'],
    ]),
  ).toEqual([`${colors.red('a')}   x`, 'bb  y']);
});

it('lines up the columns of several tables', () => {
  expect(
    alignedTables([
      [['a', 'x']],
      [],
      [
        ['bbb', 'y'],
        ['c', 'z'],
      ],
    ]),
  ).toEqual([['a    x'], [], ['bbb  y', 'c    z']]);
});

it('starts a column at the same place in every row', () => {
  const cell = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const starts = table(rows).map((line, index) => line.length - (rows[index]?.[1].length ?? 0));
      expect(new Set(starts).size).toBe(1);
    }),
  );
});
