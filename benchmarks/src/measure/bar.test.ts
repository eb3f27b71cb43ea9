import fc from 'fast-check';
import { expect, it } from 'vitest';

import { type Bar, describeBar, meetsBar } from './bar.ts';

it.each<[Bar, string]>([
  [{ of: 'ratio', atLeast: 0.9 }, 'ratio >= 0.9'],
  [{ of: 'ratio', atMost: 1.1 }, 'ratio <= 1.1'],
  [{ of: 'value', atLeast: 200 }, 'value >= 200'],
  [{ of: 'value', atMost: 0 }, 'value <= 0'],
])('%o reads %s', (bar, text) => {
  expect(describeBar(bar)).toBe(text);
});

it('is met exactly on its limit, and on one side of it', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(finite, finite, (limit, measured) => {
      expect(meetsBar({ of: 'value', atLeast: limit }, measured)).toBe(measured >= limit);
      expect(meetsBar({ of: 'value', atMost: limit }, measured)).toBe(measured <= limit);
      expect(meetsBar({ of: 'value', atLeast: limit }, limit)).toBe(true);
      expect(meetsBar({ of: 'value', atMost: limit }, limit)).toBe(true);
    }),
  );
});

it('is missed by what is not a number', () => {
  expect(meetsBar({ of: 'ratio', atLeast: 0 }, Number.NaN)).toBe(false);
  expect(meetsBar({ of: 'ratio', atMost: 0 }, Number.NaN)).toBe(false);
});
