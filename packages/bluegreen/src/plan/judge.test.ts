import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { SlotTraffic } from '../ports/traffic.ts';
import { countDurations, quantileOf, slowerThan } from './durations.ts';
import { type Comparison, defaultLimits, judge } from './judge.ts';
import { evidenceAbove, upperBound } from './rate-bounds.ts';
import { blocksOf, latestSpans } from './spans.ts';

const sample = fc.nat(200).chain((total) => fc.record({ total: fc.constant(total), count: fc.nat(total) }));
const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true });

/** The chance of so many or more, added up term by term. */
function chanceOfAtLeast(count: number, total: number, each: number): number {
  let term = (1 - each) ** total;
  let below = 0;
  for (let seen = 0; seen < count; seen += 1) {
    below += term;
    term *= ((total - seen) / (seen + 1)) * (each / (1 - each));
  }
  return 1 - below;
}

describe('bounds on a rate', () => {
  it('never promise more certainty than there is', () => {
    fc.assert(
      fc.property(sample, rate, ({ count, total }, each) => {
        const chance = chanceOfAtLeast(count, total, each);
        expect(Math.exp(-evidenceAbove(each, { count, total }))).toBeGreaterThanOrEqual(chance - 1e-9);
      }),
    );
  });

  it('hold the rate that was seen, and close in on it as more is seen', () => {
    fc.assert(
      fc.property(sample, ({ count, total }) => {
        const bound = upperBound({ count, total }, 7);
        expect(bound).toBeGreaterThanOrEqual(total === 0 ? 1 : count / total);
        expect(upperBound({ count: count * 10, total: total * 10 }, 7)).toBeLessThanOrEqual(bound + 1e-9);
      }),
    );
  });
});

describe('durations', () => {
  const times = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1 });

  it('are all counted, each by a bound that is not below it', () => {
    fc.assert(
      fc.property(times, (timesMs) => {
        const durations = countDurations(timesMs);
        expect(durations.reduce((sum, { requests }) => sum + requests, 0)).toBe(timesMs.length);
        expect(durations.at(-1)?.upToMs).toBe(Infinity);
        const half = quantileOf(durations, 0.5) ?? 0;
        const sorted = [...timesMs].sort((one, two) => one - two);
        const exact = sorted[Math.ceil(timesMs.length / 2) - 1] ?? 0;
        expect(half).toBeGreaterThanOrEqual(exact);
        if (exact > 1 && half !== Infinity) expect(half).toBeLessThanOrEqual(exact * 1.2 + 1e-6);
      }),
    );
  });

  it('never make a request slower than it was', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 70_000, noNaN: true }), (timesMs, limitMs) => {
        const { count, total } = slowerThan(countDurations(timesMs), limitMs);
        expect(total).toBe(timesMs.length);
        expect(count).toBeLessThanOrEqual(timesMs.filter((timeMs) => timeMs > limitMs).length);
      }),
    );
  });

  it('have no quantile where there are none', () => {
    expect(quantileOf(countDurations([]), 0.5)).toBeNull();
  });
});

describe('judge', () => {
  function traffic(requests: number, errors: number, durationMs = 20, slow = 0): SlotTraffic {
    const times = Array.from({ length: requests }, (_, index) => (index < slow ? durationMs * 10 : durationMs));
    return { requests, errors, durations: countDurations(times) };
  }
  const twice = (before: SlotTraffic, next: SlotTraffic, warm = true): readonly [Comparison, Comparison] => [
    { before, next, warm },
    { before, next, warm },
  ];
  const kinds = (halves: readonly [Comparison, Comparison], limits = {}) =>
    judge(halves, { ...defaultLimits, ...limits }).findings.map(({ kind }) => kind);

  it('finds what fails, and says how much', () => {
    expect(judge(twice(traffic(1_000, 1), traffic(30, 20)), defaultLimits)).toEqual({
      judged: true,
      findings: [{ kind: 'errors', detail: '20 of 30 requests failed, 1 of 1000 before' }],
    });
  });

  it('finds nothing in what failed before as well, or little more', () => {
    expect(kinds(twice(traffic(1_000, 300), traffic(100, 33)))).toEqual([]);
    expect(kinds(twice(traffic(10_000, 100), traffic(1_000, 20)))).toEqual([]);
    expect(kinds(twice(traffic(10_000, 100), traffic(1_000, 80)))).toEqual(['errors']);
    expect(kinds(twice(traffic(10_000, 100), traffic(1_000, 80)), { errorRate: 0.1 })).toEqual([]);
  });

  it('finds what only one half of the time was bad to be no failure', () => {
    const [bad] = twice(traffic(1_000, 1), traffic(30, 20));
    const [well] = twice(traffic(1_000, 1), traffic(30, 0));
    expect(kinds([bad, well])).toEqual([]);
    expect(kinds([well, bad])).toEqual([]);
  });

  it('does not judge by a few requests', () => {
    expect(judge(twice(traffic(1_000, 1), traffic(9, 9)), defaultLimits)).toEqual({ findings: [], judged: false });
  });

  it('also judges what nothing is known to compare with, more leniently', () => {
    expect(kinds(twice(traffic(0, 0), traffic(30, 12)))).toEqual([]);
    expect(kinds(twice(traffic(0, 0), traffic(30, 30)))).toEqual(['errors']);
  });

  it('finds requests that became slow, once the version is warm', () => {
    const slow = traffic(100, 0, 20, 40);
    expect(kinds(twice(traffic(1_000, 0), slow))).toEqual(['latency']);
    expect(kinds(twice(traffic(1_000, 0), slow, false))).toEqual([]);
    expect(kinds(twice(traffic(1_000, 0), traffic(100, 0, 30)))).toEqual([]);
    expect(kinds(twice(traffic(1_000, 0), slow), { latencyFloorMs: 1_000 })).toEqual([]);
    expect(kinds(twice(traffic(1_000, 0, 20, 400), slow))).toEqual([]);
  });

  it('finds no version slow where nothing was measured', () => {
    expect(kinds(twice(traffic(0, 0), traffic(100, 0, 5_000)))).toEqual([]);
  });
});

describe('spans', () => {
  const moment = fc.record({ sinceMs: fc.constant(1_000_000), elapsedMs: fc.nat(1_000_000) });

  it('are the latest seconds in halves, and at the beginning all of the time', () => {
    fc.assert(
      fc.property(moment, ({ sinceMs, elapsedMs }) => {
        const untilMs = sinceMs + elapsedMs;
        const spans = latestSpans({ sinceMs, untilMs });
        for (const [first, second] of spans) {
          expect(first.untilMs).toBe(second.sinceMs);
          expect(first.sinceMs).toBeGreaterThanOrEqual(sinceMs);
          expect(second.untilMs).toBe(untilMs);
        }
        expect(spans.some(([first]) => first.sinceMs === sinceMs)).toBe(elapsedMs <= 60_000);
      }),
    );
  });

  it('are blocks that do not move, of the last five minutes', () => {
    fc.assert(
      fc.property(moment, fc.nat(100_000), ({ sinceMs, elapsedMs }, laterMs) => {
        const at = (untilMs: number) => blocksOf({ sinceMs, untilMs })?.flat() ?? [];
        const [now, later] = [at(sinceMs + elapsedMs), at(sinceMs + elapsedMs + laterMs)];
        expect(now.length === 0).toBe(elapsedMs < 60_000);
        expect(now.length).toBeLessThanOrEqual(10);
        for (const [index, block] of now.entries()) {
          expect(block.untilMs - block.sinceMs).toBe(30_000);
          expect(block.untilMs).toBe(now[index + 1]?.sinceMs ?? block.untilMs);
          expect(block.untilMs).toBeLessThanOrEqual(sinceMs + elapsedMs);
          if (block.sinceMs >= (later[0]?.sinceMs ?? 0)) expect(later).toContainEqual(block);
        }
      }),
    );
  });
});
