import { BenchmarkError } from '../errors.ts';

/** Lets only numbers through that JSON can say and a bar can be held against, and at least one. */
export function requireFinite(figure: string, samples: readonly number[]): readonly number[] {
  const strange = samples.find((sample) => !Number.isFinite(sample));
  if (samples.length > 0 && strange === undefined) return samples;
  const found = samples.length === 0 ? 'nothing' : String(strange);
  throw new BenchmarkError('BENCH_NOT_A_NUMBER', `${figure}: expected finite numbers, measured ${found}`, {
    hint: 'mend what the benchmark measures, or what it divides by',
  });
}
