import { BenchmarkError } from '../../errors.ts';

/** Times say nothing where not all services were there. */
export function requireCount(found: number, expected: number): void {
  if (found === expected) return;
  throw new BenchmarkError('BENCH_WRONG_RESULT', `${found} services, expected ${expected}`, {
    hint: 'find out why before comparing times',
  });
}
