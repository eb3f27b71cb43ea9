import type { LoadReport } from './load-report.ts';
import type { StoredComparison } from './site.ts';

/** How a step ended, as the command line said. */
export interface StepRelease {
  readonly title: string;
  readonly outcome: string;
  readonly durationMs: number;
  /** Null when no traffic was moved. */
  readonly switchMs: number | null;
  /** Why it was refused; null when it was not. */
  readonly reason: string | null;
}

/** All that the demo has found out. */
export interface Findings {
  readonly releases: readonly StepRelease[];
  readonly load: LoadReport;
  readonly acknowledgedPosts: number;
  readonly stored: StoredComparison;
  readonly rollbackMs: number;
  /** What the site showed that it should not have. */
  readonly siteProblems: readonly string[];
}

const fewestRequests = 1000;

/** What depends on what the example runs on. */
export interface Promises {
  readonly slowestRollbackMs: number;
}

/** Each promise that was not kept, in words; empty when all were. */
export function judge(
  { load, stored, rollbackMs, siteProblems }: Findings,
  { slowestRollbackMs }: Promises,
): readonly string[] {
  const problems = [...siteProblems];
  if (load.failedRequests > 0) problems.push(`${load.failedRequests} requests failed: ${load.failures.join('; ')}`);
  if (load.requests < fewestRequests) {
    problems.push(`only ${load.requests} requests were made, at least ${fewestRequests} prove something`);
  }
  if (rollbackMs >= slowestRollbackMs)
    problems.push(`the rollback took ${rollbackMs} ms, not under ${slowestRollbackMs}`);
  problems.push(...named(stored.lost, 'were acknowledged and lost'));
  problems.push(...named(stored.doubled, 'were stored more than once'));
  problems.push(...named(stored.strange, 'were stored though nobody sent them'));
  return problems;
}

function named(names: readonly string[], what: string): readonly string[] {
  return names.length === 0 ? [] : [`${names.length} templates ${what}: ${names.slice(0, 5).join(', ')}`];
}
