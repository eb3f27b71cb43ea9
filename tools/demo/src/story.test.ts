import { systemClock } from '@maestro/core';
import { expect, it } from 'vitest';

import type { DemoEvent } from './events.ts';
import type { Load } from './load.ts';
import type { LoadReport } from './load-report.ts';
import type { MaestroResult } from './maestro-process.ts';
import { resultOf } from './result.ts';
import { type Stage, tellStory } from './story.ts';

const hashes = { 1: '1'.repeat(40), 2: '2'.repeat(40), 3: '3'.repeat(40) };
const nothing: LoadReport = { requests: 0, failedRequests: 0, slowestMs: 0, versions: {}, failures: [] };

/** A Maestro that keeps its promises, except for what `answers` says instead, by the number of the release. */
function stageWith(answers: Readonly<Record<number, Partial<MaestroResult>>> = {}) {
  const told: string[] = [];
  const events: DemoEvent[] = [];
  let committed: 1 | 2 | 3 = 1;
  let live: 1 | 2 | 3 = 1;
  let releases = 0;
  let requests = 0;

  const release = (command: string): MaestroResult => {
    releases += 1;
    const instead = answers[releases];
    if (instead !== undefined) return { type: 'result', ok: true, ...instead };
    if (committed === 3 && command === 'deploy') {
      const error = { code: 'ORCHESTRATOR_RELEASE_REFUSED', message: 'not healthy: no index' };
      return { type: 'result', ok: false, outcome: 'refused', error };
    }
    live = command === 'rollback' ? 1 : committed;
    return {
      type: 'result',
      ok: true,
      outcome: command === 'rollback' ? 'rolled-back' : 'deployed',
      durationMs: 90,
      switchMs: 0.2,
    };
  };
  const load: Load = {
    expect(revision) {
      told.push(`expect ${revision?.[0] ?? 'any'}`);
      return Promise.resolve();
    },
    report() {
      requests += 500;
      return Promise.resolve({ ...nothing, requests });
    },
    stop() {
      told.push('stop');
      return Promise.resolve({ report: { ...nothing, requests }, sent: { acknowledged: ['a'], uncertain: [] } });
    },
    [Symbol.asyncDispose]() {
      told.push('dispose');
      return Promise.resolve();
    },
  };
  const stage: Stage = {
    commit(number) {
      committed = number;
      told.push(`commit ${number}`);
      return Promise.resolve(hashes[number]);
    },
    maestro([command = '']) {
      told.push(command);
      if (command === 'status') return Promise.resolve({ type: 'result', ok: true, url: 'http://127.0.0.1:1' });
      return Promise.resolve(release(command));
    },
    startLoad: () => load,
    readSite: () =>
      Promise.resolve({ gateway: hashes[live], templateService: hashes[live], hasCategories: live === 2 }),
    readStoredNames: () => Promise.resolve(['a']),
    emit: (event) => events.push(event),
    clock: systemClock,
    watchMs: 0,
  };
  return { stage, told, events };
}

const { signal } = new AbortController();

const promises = { slowestRollbackMs: 1_000 };

it('deploys, is refused and rolls back, with users told which version to expect at each time', async () => {
  const { stage, told, events } = stageWith();
  const findings = await tellStory(stage, signal);
  expect(told).toEqual([
    ...['commit 1', 'deploy', 'status', 'expect 1'],
    ...['commit 2', 'expect any', 'deploy', 'expect 2'],
    ...['commit 3', 'deploy', 'expect 2'],
    ...['expect any', 'rollback', 'expect 1'],
    ...['stop', 'dispose'],
  ]);
  expect(findings.releases.map(({ outcome }) => outcome)).toEqual(['deployed', 'deployed', 'refused', 'rolled-back']);
  expect(findings.releases[2]).toMatchObject({ switchMs: null, reason: 'not healthy: no index' });
  expect(events.filter(({ type }) => type === 'load')).toHaveLength(4);
  expect(resultOf(findings, promises)).toMatchObject({
    ok: true,
    requests: 2000,
    failedRequests: 0,
    switches: 3,
    rollbackMs: 90,
    problems: [],
  });
});

it.each([
  [
    'a deployment that was refused',
    1,
    { ok: false, outcome: 'refused' },
    'Deploy commit 1: expected deployed, got refused',
  ],
  [
    'an unhealthy version that was deployed',
    3,
    { outcome: 'deployed' },
    'Deploy commit 3: expected refused, got deployed',
  ],
  ['a rollback that failed', 4, { ok: false }, 'Roll back to commit 1: expected rolled-back, got no release'],
])('ends at %s', async (_, number, answer, message) => {
  const { stage, told } = stageWith({ [number]: answer });
  await expect(tellStory(stage, signal)).rejects.toMatchObject({ code: 'DEMO_STEP_FAILED', message });
  if (number > 1) expect(told.at(-1)).toBe('dispose');
});

it('finds out when a switch left the site on another version', async () => {
  const { stage } = stageWith({ 2: { outcome: 'deployed', durationMs: 1, switchMs: 0.1 } });
  const result = resultOf(await tellStory(stage, signal), promises);
  expect(result).toMatchObject({ ok: false });
  expect('problems' in result && result.problems[0]).toMatch(/^the gateway answers as 1{40} instead of 2{40}$/);
});
