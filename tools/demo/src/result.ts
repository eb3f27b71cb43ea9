import { reportError } from '@maestro/core';

import type { DemoResult } from './events.ts';
import { type Findings, judge, type Promises } from './verdict.ts';

export function resultOf(findings: Findings, promises: Promises): DemoResult {
  const problems = judge(findings, promises);
  const { load, releases, acknowledgedPosts, rollbackMs } = findings;
  return {
    type: 'result',
    ok: problems.length === 0,
    requests: load.requests,
    failedRequests: load.failedRequests,
    slowestMs: load.slowestMs,
    posts: acknowledgedPosts,
    versions: load.versions,
    switches: releases.filter(({ switchMs }) => switchMs !== null).length,
    rollbackMs,
    releases,
    problems,
  };
}

export function failureOf(error: unknown): DemoResult {
  const { code, message, hint } = reportError(error);
  return { type: 'result', ok: false, error: { code, message, hint } };
}
