export type Statistic = 'median' | 'p99' | 'sum';

export interface Spread {
  readonly min: number;
  readonly max: number;
}

export const statistics: Readonly<Record<Statistic, (samples: readonly number[]) => number>> = {
  median,
  p99: (samples) => quantile(samples, 0.99),
  sum: (samples) => samples.reduce((total, sample) => total + sample, 0),
};

/** The middle sample, or halfway between the two in the middle; NaN where there is none. */
export function median(samples: readonly number[]): number {
  const sorted = ascending(samples);
  const middle = sorted.length / 2;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return lower + (upper - lower) / 2;
}

/** The smallest sample that at least `share` of all do not exceed: one that was measured, never one in between. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = ascending(samples);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** All of it: with as few samples as rounds give, quartiles would hide the one that matters. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = ascending(samples);
  return { min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

function ascending(samples: readonly number[]): readonly number[] {
  return [...samples].sort((a, b) => a - b);
}
