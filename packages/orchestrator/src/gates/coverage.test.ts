import fc from 'fast-check';
import { expect, it } from 'vitest';

import { coverageShortfalls } from './coverage.ts';

function summary(lines: number | 'Unknown'): string {
  const metric = { total: 10, covered: 5, skipped: 0, pct: lines };
  return JSON.stringify({ total: { lines: metric, statements: metric, branches: metric, functions: metric } });
}

it('is content at the least percentage and above, and says what is missing below', () => {
  const least = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(least, least, (covered, lines) => {
      const expected = covered >= lines ? [] : [`${covered} % of the lines are covered, expected ${lines} %`];
      expect(coverageShortfalls(summary(covered), { lines })).toEqual(expected);
    }),
  );
});

it('names every metric that stays behind, and none that there is nothing of', () => {
  expect(coverageShortfalls(summary(50), { lines: 40, branches: 60, functions: 70 })).toEqual([
    '50 % of the branches are covered, expected 60 %',
    '50 % of the functions are covered, expected 70 %',
  ]);
  expect(coverageShortfalls(summary('Unknown'), { lines: 100 })).toEqual([]);
});

it.each(['', '{}', '{"total":{}}', 'TN:\nSF:src/a.ts'])('is not content with %j', (text) => {
  expect(coverageShortfalls(text, { lines: 0 })).toEqual(['its summary of coverage is not in the format json-summary']);
});
