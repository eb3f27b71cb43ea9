import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { barChart, lineChart, rangeOf } from './chart.ts';

const value = fc.double({ min: 0, max: 1e9, noNaN: true });
const values = fc.array(value, { minLength: 1, maxLength: 60 });

describe('rangeOf', () => {
  it('holds every value, without pressing them into less than a third of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 60 }), (all) => {
        const numbers = all.map((number) => number / 100);
        const { from, to } = rangeOf(numbers);
        const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
        expect(from).toBeLessThan(to);
        expect(from).toBeLessThanOrEqual(min);
        expect(to).toBeGreaterThanOrEqual(max);
        if (max > min) expect(to - from).toBeLessThan(3 * (max - min));
      }),
    );
  });

  it('begins at 0 where that is near', () => {
    expect(rangeOf([3, 9.2])).toEqual({ from: 0, to: 9.5 });
    expect(rangeOf([95, 99])).toEqual({ from: 95, to: 99 });
    expect(rangeOf([0])).toEqual({ from: 0, to: 0.1 });
  });
});

describe('a chart', () => {
  it('is text that Mermaid reads, with the size it needs', () => {
    const bars = [
      { name: 'status, 20 "services"', value: 338.2 },
      { name: 'others', value: 64 },
    ];
    expect(barChart({ title: 'Shares', axis: '%', bars })).toBe(
      [
        '```mermaid',
        '---',
        'config:',
        '  xyChart:',
        '    width: 1000',
        '    height: 128',
        '---',
        'xychart-beta horizontal',
        '  title "Shares"',
        `  x-axis ["status, 20 'services'", "others"]`,
        '  y-axis "%" 0 --> 340',
        '  bar [338.2, 64]',
        '```',
      ].join('\n'),
    );
  });

  it('has a point for each value, all within its axes, and no number that Mermaid does not read', () => {
    fc.assert(
      fc.property(values, (points) => {
        const text = lineChart({
          title: 't',
          x: { axis: 'x', from: 1, to: points.length },
          axis: 'y',
          lines: [points],
        });
        const [, from, to] = /y-axis "y" (\S+) --> (\S+)/.exec(text) ?? [];
        const drawn = (/line \[(.*)\]/.exec(text)?.[1] ?? '').split(', ').map(Number);
        expect(drawn).toHaveLength(points.length);
        expect(text).not.toMatch(/\de[+-]?\d/);
        const slack = 1e-3 * Math.max(...points) + 1e-8;
        for (const point of drawn) {
          expect(point).toBeGreaterThanOrEqual(Number(from) - slack);
          expect(point).toBeLessThanOrEqual(Number(to) + slack);
        }
      }),
    );
  });
});
