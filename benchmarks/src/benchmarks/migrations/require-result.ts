import { BenchmarkError } from '../../errors.ts';

/** Times say nothing where the work was not done. */
export function requireResult(found: number, expected: number, what: string): void {
  if (found === expected) return;
  throw new BenchmarkError('BENCH_WRONG_RESULT', `${found} ${what}, expected ${expected}`, {
    hint: 'find out why before comparing times',
  });
}
