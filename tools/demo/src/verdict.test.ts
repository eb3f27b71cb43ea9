import { expect, it } from 'vitest';

import { type Findings, judge } from './verdict.ts';

const promises = { slowestRollbackMs: 1000 };
const asPromised: Findings = {
  releases: [],
  load: { requests: 1000, failedRequests: 0, slowestMs: 20, versions: {}, failures: [] },
  acknowledgedPosts: 250,
  stored: { lost: [], doubled: [], strange: [] },
  rollbackMs: 999,
  siteProblems: [],
};

it('has nothing to say when everything was as promised', () => {
  expect(judge(asPromised, promises)).toEqual([]);
});

it.each<[string, Partial<Findings>, string]>([
  [
    'a failed request',
    { load: { ...asPromised.load, failedRequests: 1, failures: ['GET /: socket hang up'] } },
    '1 requests failed: GET /: socket hang up',
  ],
  [
    'too few requests',
    { load: { ...asPromised.load, requests: 999 } },
    'only 999 requests were made, at least 1000 prove something',
  ],
  ['a slow rollback', { rollbackMs: 1000 }, 'the rollback took 1000 ms, not under 1000'],
  [
    'a lost template',
    { stored: { lost: ['a'], doubled: [], strange: [] } },
    '1 templates were acknowledged and lost: a',
  ],
  [
    'a doubled template',
    { stored: { lost: [], doubled: ['a'], strange: [] } },
    '1 templates were stored more than once: a',
  ],
  [
    'a strange template',
    { stored: { lost: [], doubled: [], strange: ['a'] } },
    '1 templates were stored though nobody sent them: a',
  ],
  ['a wrong site', { siteProblems: ['the gateway is old'] }, 'the gateway is old'],
])('names %s', (_, change, problem) => {
  expect(judge({ ...asPromised, ...change }, promises)).toEqual([problem]);
});
