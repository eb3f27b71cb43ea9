import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { systemClock, withDeadline } from '@maestro/core';

import type { Context } from '../../../benchmark.ts';
import { BenchmarkError } from '../../../errors.ts';
import type { LoadReport } from './load-counts.ts';
import type { LoadPlan } from './load-plan.ts';

// Every connection is there and used before anything happens to it, and is used after it, too.
const aroundMs = 1_000;
const endDeadlineMs = 30_000;
const program = join(import.meta.dirname, 'load-process.ts');

/** Does some work while a process of its own sends load; what that saw is told beside what the work returned. */
export async function underLoad<T>(
  plan: LoadPlan,
  { signal }: Pick<Context, 'signal'>,
  work: () => Promise<T>,
): Promise<{ readonly load: LoadReport; readonly result: T }> {
  const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const printed = text(child.stdout);
  const died = exited.then(([code]) => {
    throw failed(`it ended with ${String(code)}`);
  });
  died.catch(() => undefined);
  try {
    const result = await Promise.race([died, between(work, signal)]);
    child.stdin.end();
    const report = await withDeadline(() => printed, {
      deadlineMs: endDeadlineMs,
      clock: systemClock,
      signal,
      onExpired: () => failed(`it did not end within ${endDeadlineMs} ms`),
    });
    return { load: JSON.parse(report) as LoadReport, result };
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

async function between<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  await systemClock.sleep(aroundMs, signal);
  const result = await work();
  await systemClock.sleep(aroundMs, signal);
  return result;
}

function failed(reason: string): BenchmarkError {
  return new BenchmarkError('BENCH_PEER_FAILED', `the process of load failed: ${reason}`, {
    hint: `see what ${program} printed above`,
  });
}
