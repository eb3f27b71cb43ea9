import { MaestroError } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { deployed, nothingToDo, release, tellRelease } from '../testing/sample-data.ts';

const deploy: Environment['deploy'] = async (options) => {
  await tellRelease(options?.onEvent);
  return deployed;
};

it('deploys what is named, as planned', async () => {
  const recorded = vi.fn().mockResolvedValue(deployed);
  await runMaestro('deploy gateway --ref main --plan sha256:77 --pull-images -e production', {
    environment: { deploy: recorded },
  });
  expect(recorded).toHaveBeenCalledWith(
    expect.objectContaining({ services: ['gateway'], ref: 'main', planHash: 'sha256:77', pullImages: true }),
  );
});

it('prints a line for every event on stderr and the result on stdout, away from a terminal', async () => {
  const { exitCode, stdout, stderr } = await runMaestro('deploy -e production', { environment: { deploy } });
  expect(exitCode).toBe(0);
  expect(stderr.split('\n')).toContain('12:03:07 start gateway … 2.0 s');
  expect(stderr.trimEnd().split('\n')).toHaveLength(7);
  expect(stdout).toMatch(/^Release 01KF0QZV6Y8M2D4T7B9C3E5G1H deployed in production after 12\.3 s/);
});

it('leaves the finished steps standing on a terminal', async () => {
  const { stdout, stderr } = await runMaestro('deploy -e production', { environment: { deploy }, terminal: true });
  expect(stderr).toMatch(/ {2}✓ {2}start {3}gateway {2}2\.0 s\n {2}✓ {2}switch {11}3 ms\n$/);
  expect(stderr).not.toContain('12:03');
  expect(stdout).toContain(`Release ${release} deployed`);
});

it('gives programs the events as they were emitted, then the result', async () => {
  const emitted: unknown[] = [];
  await tellRelease((event) => emitted.push(event));
  const finished = await runMaestro('deploy -e production --json', { environment: { deploy }, terminal: true });
  expect(finished.jsonLines()).toEqual([...emitted, { type: 'result', ok: true, ...deployed }]);
  expect(finished.stderr).toBe('');
});

it('reports a release with nothing to do as done', async () => {
  const environment = { deploy: () => Promise.resolve(nothingToDo) };
  expect(await runMaestro('deploy -e production', { environment })).toMatchObject({
    exitCode: 0,
    stdout: 'Nothing to do: production already runs this.\n',
  });
});

it('favours memory once there is something to do', async () => {
  const favourMemory = vi.fn();
  await runMaestro('deploy -e production', {
    environment: { deploy: () => Promise.resolve(nothingToDo) },
    favourMemory,
  });
  expect(favourMemory).not.toHaveBeenCalled();
  await runMaestro('deploy -e production', { environment: { deploy }, favourMemory });
  expect(favourMemory).toHaveBeenCalledOnce();
});

it('fails when traffic had to be switched back', async () => {
  const environment = { deploy: () => Promise.resolve({ ...deployed, outcome: 'restored' } as const) };
  const { exitCode, jsonLines } = await runMaestro('deploy -e production --json', { environment });
  expect(exitCode).toBe(1);
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: {
        code: 'CLI_RELEASE_FAILED',
        message: `release ${release} was restored in production; the old version serves`,
        hint: 'maestro history -e production',
      },
      release,
      outcome: 'restored',
    },
  ]);
});

it('tells programs which release was refused, and people what to do next', async () => {
  const refused = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'release 01 was refused before the switch', {
    hint: 'maestro history',
    details: { release: '01', outcome: 'refused', durationMs: 1200 },
  });
  const environment = { deploy: () => Promise.reject(refused) };
  const { exitCode, jsonLines, stderr } = await runMaestro('deploy -e production --json', { environment });
  expect(exitCode).toBe(1);
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: {
        code: 'ORCHESTRATOR_RELEASE_REFUSED',
        message: 'release 01 was refused before the switch',
        hint: 'maestro history -e production',
      },
      release: '01',
      outcome: 'refused',
    },
  ]);
  expect(stderr).toBe(
    'ORCHESTRATOR_RELEASE_REFUSED: release 01 was refused before the switch\nNext: maestro history -e production\n',
  );
});

it.each([
  ['ORCHESTRATOR_LOCKED', 3],
  ['ORCHESTRATOR_PLAN_CHANGED', 3],
  ['ORCHESTRATOR_INTERRUPTED', 4],
  ['REGISTRY_INVALID', 2],
])('exits by the code of the failure: %s is %i', async (code, exitCode) => {
  const environment = { deploy: () => Promise.reject(new MaestroError(code, 'no')) };
  expect(await runMaestro('deploy -e production', { environment })).toMatchObject({ exitCode, stdout: '' });
});

it('exits as refused where a gate kept the release from its switch, and tells people what to do about it', async () => {
  const refused = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'release 01 was refused before the switch', {
    hint: 'maestro images scan',
    details: { release: '01', outcome: 'refused', reasonCode: 'IMAGE_STORE_SCAN_REFUSED' },
  });
  const environment = { deploy: () => Promise.reject(refused) };
  const { exitCode, jsonLines } = await runMaestro('deploy -e production --json', { environment });
  expect(exitCode).toBe(3);
  expect(jsonLines()).toMatchObject([{ ok: false, release: '01', outcome: 'refused' }]);
});

it('reads how new versions are tried out, and refuses what cannot be meant', async () => {
  const recorded = vi.fn().mockResolvedValue(deployed);
  await runMaestro('deploy --canary 10,50 --bake 30s -e production', { environment: { deploy: recorded } });
  expect(recorded).toHaveBeenCalledWith(expect.objectContaining({ canarySteps: [10, 50], bakeMs: 30_000 }));
  for (const wrong of ['--canary 100', '--canary ten', '--bake soon']) {
    expect(await runMaestro(`deploy ${wrong} -e production`, { environment: {} })).toMatchObject({ exitCode: 2 });
  }
});

it('says why the traffic went back', async () => {
  const reason = 'release 01 is worse than the one before: api: 12 of 60 requests failed, 0 of 540 before';
  const environment = { deploy: () => Promise.resolve({ ...deployed, outcome: 'restored', reason } as const) };
  const { stderr } = await runMaestro('deploy -e production', { environment });
  expect(stderr).toContain('the old version serves: release 01 is worse than the one before: api: 12 of 60 requests');
});

it('has nothing to do, which is no failure, where no service is affected since a commit', async () => {
  const deployAffected = vi.fn().mockResolvedValue({ ...nothingToDo, affected: [] });
  const finished = await runMaestro('deploy web --affected-since HEAD~1 -e production', {
    environment: { deploy: deployAffected },
  });
  expect(deployAffected).toHaveBeenCalledWith(expect.objectContaining({ services: ['web'], affectedSince: 'HEAD~1' }));
  expect(finished).toMatchObject({ exitCode: 0, stdout: 'Nothing to do: no service is affected by what changed.\n' });
});
