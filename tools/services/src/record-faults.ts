import { TestRunner } from 'vitest';

/** What has to hold whatever happens; `docs/reliability.md` has a section for each. */
export type Promised =
  | 'no request is dropped'
  | 'what is live is never stopped'
  | 'a release that was cut off can be finished or undone'
  | 'only one deployer switches'
  | 'a migration runs once'
  | 'nothing is torn or lost'
  | 'secrets stay secret';

/** What a test did to break a promise, and what came of it. */
export interface FaultRecord {
  readonly promised: Promised;
  /** What was done, in the same words wherever the same is done: `deployer killed (SIGKILL) before or after a step`. */
  readonly fault: string;
  /** How often it was done. */
  readonly times: number;
  /** What was asked, or looked at, by what it is: `{ requests: 3917 }`. */
  readonly checked: Readonly<Record<string, number>>;
  /** What must be 0, by what it is: `{ 'failed requests': 0 }`. */
  readonly wrong: Readonly<Record<string, number>>;
}

declare module 'vitest' {
  interface TaskMeta {
    faults?: FaultRecord[];
  }
}

/**
 * Records what the test that is running has counted; the same fault several times is added up. Where `MAESTRO_RESULTS`
 * names a folder, it is written there when the run ends, for `docs/reliability.md`; otherwise nothing comes of it. To be
 * called before the counts are asserted, so that a failure is counted, too. Not for concurrent tests.
 */
export function recordFaults(record: FaultRecord): void {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error('faults are recorded while a test runs');
  const { meta } = test;
  meta.faults = [...(meta.faults ?? []), record];
}
