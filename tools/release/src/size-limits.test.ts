import { describe, expect, it } from 'vitest';

import { compareSizes, limitsFor } from './size-limits.ts';

describe('size limits', () => {
  it('are a tenth above what was measured', () => {
    expect(
      limitsFor(
        new Map([
          ['a', 1_000],
          ['b', 1_234],
        ]),
      ),
    ).toEqual({ a: 1_100, b: 1_400 });
  });

  it('are kept up to the last byte', () => {
    expect(compareSizes(new Map([['a', 1_100]]), new Map([['a', 1_100]]))).toEqual([]);
  });

  it('name what is too large, what has none, and what is no more', () => {
    const measured = new Map([
      ['large', 1_101],
      ['new', 10],
    ]);
    const limits = new Map([
      ['large', 1_100],
      ['gone', 10],
    ]);
    expect(compareSizes(measured, limits).map(({ subject, message }) => `${subject} ${message}`)).toEqual([
      'large has 1101 bytes, its limit is 1100',
      'new has 10 bytes and no limit',
      'gone has a limit and is no entry of any package',
    ]);
  });
});
