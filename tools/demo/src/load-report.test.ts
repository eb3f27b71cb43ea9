import { expect, it } from 'vitest';

import { LoadTally, since } from './load-report.ts';

it('counts requests, failures and versions, and keeps the first ten failures', () => {
  const tally = new LoadTally();
  tally.count({ durationMs: 7.4, version: 'a', problem: undefined });
  for (let i = 0; i < 12; i += 1) tally.count({ durationMs: 3, version: undefined, problem: `failure ${i}` });
  expect(tally.report()).toMatchObject({ requests: 13, failedRequests: 12, slowestMs: 7, versions: { a: 1 } });
  expect(tally.report().failures).toHaveLength(10);
});

it('tells what happened between two reports', () => {
  const tally = new LoadTally();
  tally.count({ durationMs: 1, version: 'a', problem: 'early' });
  const before = tally.report();
  tally.count({ durationMs: 1, version: 'b', problem: undefined });
  expect(since(before, tally.report())).toMatchObject({ requests: 1, failedRequests: 0, versions: { b: 1 } });
});
