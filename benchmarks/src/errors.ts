import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every way a benchmark breaks; a figure that misses its bar is a result instead. */
export type BenchmarkErrorCode =
  | 'BENCH_CLEANUP_FAILED'
  | 'BENCH_INTERRUPTED'
  | 'BENCH_NOTHING_MEASURED'
  | 'BENCH_NOT_A_NUMBER'
  | 'BENCH_PEER_FAILED'
  | 'BENCH_REQUESTS_FAILED'
  | 'BENCH_TIMEOUT'
  | 'BENCH_WRONG_RESULT';

export class BenchmarkError extends MaestroError<BenchmarkErrorCode> {
  constructor(code: BenchmarkErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'BenchmarkError';
  }
}

export function timeIsUp(deadlineMs: number, quick: boolean): BenchmarkError {
  return new BenchmarkError('BENCH_TIMEOUT', `the benchmark did not end within ${deadlineMs} ms`, {
    hint: quick
      ? 'give it fewer or shorter rounds where context.quick is true, or run it without --quick'
      : 'give it fewer or shorter rounds, or try --quick',
  });
}

export function nothingMeasured(name: string): BenchmarkError {
  return new BenchmarkError('BENCH_NOTHING_MEASURED', `${name} ended without a figure`, {
    hint: 'let it call context.pair or context.record',
  });
}

export function cleanUpFailed(reason: string, cause?: unknown): BenchmarkError {
  return new BenchmarkError('BENCH_CLEANUP_FAILED', `what the benchmark started may still run: ${reason}`, {
    hint: 'look for its processes, and for its folder in /tmp',
    cause,
  });
}
