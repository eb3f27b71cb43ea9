import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { median, quantile, spreadOf, statistics } from './statistics.ts';

const sample = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const samples = fc.array(sample, { minLength: 1, maxLength: 50 });

describe('median', () => {
  it('is the middle sample, or halfway between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(median([7])).toBe(7);
  });

  it('has as many samples below it as above, in whatever order they came', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(median(values.toReversed())).toBe(middle);
      }),
    );
  });
});

describe('quantile', () => {
  it('is the smallest sample that the share does not exceed', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(samples, share, (values, wanted) => {
        const found = quantile(values, wanted);
        const within = (limit: number) => values.filter((value) => value <= limit).length;
        expect(values).toContain(found);
        expect(within(found)).toBeGreaterThanOrEqual(values.length * wanted);
        for (const smaller of values.filter((value) => value < found)) {
          expect(within(smaller)).toBeLessThan(values.length * wanted);
        }
      }),
    );
  });
});

describe('the statistics of a figure', () => {
  it('are the median, the 99th percentile and the sum', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(statistics.median(hundred)).toBe(50.5);
    expect(statistics.p99(hundred)).toBe(99);
    expect(statistics.sum(hundred)).toBe(5050);
  });

  it('take the slowest for the p99 of fewer than a hundred', () => {
    expect(statistics.p99([3, 90, 5])).toBe(90);
  });
});

describe('spreadOf', () => {
  it('goes from the smallest to the largest', () => {
    expect(spreadOf([2, -10, 9])).toEqual({ min: -10, max: 9 });
  });
});
