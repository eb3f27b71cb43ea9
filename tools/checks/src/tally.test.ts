import { describe, expect, it } from 'vitest';

import { isSuccess, sum, summaryLine } from './tally.ts';

it('adds up what the stages counted', () => {
  expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  expect(
    sum([
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 20, skipped: 30 },
    ]),
  ).toEqual({
    passed: 11,
    failed: 22,
    skipped: 33,
  });
});

it('mentions skipped tests only where there are any', () => {
  expect(summaryLine({ passed: 512, failed: 0, skipped: 0 })).toBe('512 passed, 0 failed');
  expect(summaryLine({ passed: 512, failed: 1, skipped: 2 })).toBe('512 passed, 1 failed, 2 skipped');
});

describe('success', () => {
  it.each([
    [{ passed: 1, failed: 0, skipped: 0 }, true, true],
    [{ passed: 1, failed: 0, skipped: 1 }, true, false],
    [{ passed: 1, failed: 1, skipped: 0 }, false, false],
  ])('of %o is %s, and %s where CI=true', (tally, local, ci) => {
    expect(isSuccess(tally, { ci: false })).toBe(local);
    expect(isSuccess(tally, { ci: true })).toBe(ci);
  });
});
