import { runVariable } from './run-variable.ts';
import type { TestRun } from './test-run.ts';

let run: TestRun | undefined;

/** Opens the run of tests that all suites belong to. Vitest calls it for each project; the first one's serves them all. */
export async function setup(): Promise<void> {
  if (process.env[runVariable] !== undefined) return;
  // Loads the clients of every part, which the other projects then need not do again.
  const { openTestRun } = await import('./test-run.ts');
  run = await openTestRun();
}

export async function teardown(): Promise<void> {
  await run?.[Symbol.asyncDispose]();
}
