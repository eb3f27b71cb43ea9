import type { CheckFinding, Examination } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';

const ok: CheckFinding = { check: 'node-version', group: 'machine', status: 'ok', message: 'Node 24.1.0' };
const warning: CheckFinding = {
  check: 'env-file',
  group: 'secrets',
  status: 'warning',
  message: 'others than its owner may open .env',
  fix: 'chmod 600 .env',
};
const failed: CheckFinding = {
  check: 'interrupted',
  group: 'release',
  status: 'failed',
  message: 'deploy 01A was cut off\nbefore its traffic was switched',
  fix: 'maestro resume',
};
const engine = ['engine', 'engine-version'].map((check): CheckFinding => {
  return { check, group: 'engine', status: 'skipped', message: 'processes need no engine' };
});
const free: CheckFinding = { check: 'lock', group: 'release', status: 'skipped', message: 'nothing runs' };

/** An examination that finds these, one after the other. */
function finding(...findings: readonly CheckFinding[]) {
  const examine = vi.fn((options: { onEvent?: ((event: never) => void) | undefined }): Promise<Examination> => {
    for (const one of findings) {
      options.onEvent?.({ type: 'check-finished', finding: one, at: '2026-01-15T12:00:00.000Z' } as never);
    }
    return Promise.resolve({ environment: 'production', findings });
  });
  return { examine, library: { examineEnvironment: examine } };
}

it('tells a line a check by groups, what to do below it, and fails where one has failed', async () => {
  const { library } = finding(ok, ...engine, warning, failed, free);
  const { exitCode, stdout, stderr } = await runMaestro('doctor -e production', { library });
  expect(stdout.split('\n')).toEqual([
    'production',
    '',
    'machine',
    '  ok       node-version    Node 24.1.0',
    '',
    'engine  skipped: processes need no engine',
    '',
    'secrets',
    '  warning  env-file        others than its owner may open .env',
    '                           Next: chmod 600 .env',
    '',
    'release',
    '  failed   interrupted     deploy 01A was cut off',
    '                           before its traffic was switched',
    '                           Next: maestro resume -e production',
    '  skipped  lock            nothing runs',
    '',
    '6 checks: 1 failed, 1 warning, 1 ok, 3 skipped',
    '',
  ]);
  expect(stderr).toMatch(
    /env-file … warning\n.*interrupted … failed\nCLI_CHECKS_FAILED: 1 check failed: interrupted\n/,
  );
  expect(stderr).toMatch(/Next: maestro resume -e production\n$/);
  expect(exitCode).toBe(1);
});

it('succeeds with warnings', async () => {
  const { exitCode, stderr } = await runMaestro('doctor -e production --quiet', finding(ok, warning));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

it('gives programs each finding as it comes, and all of them at the end, with whole commands', async () => {
  const { examine, library } = finding(ok, failed);
  const { exitCode, jsonLines } = await runMaestro('doctor -e production -c a.ts --json', { library });
  const fix = 'maestro resume -c a.ts -e production';
  expect(jsonLines()).toEqual([
    { type: 'check-finished', finding: ok, at: '2026-01-15T12:00:00.000Z' },
    { type: 'check-finished', finding: failed, at: '2026-01-15T12:00:00.000Z' },
    {
      type: 'result',
      ok: false,
      environment: 'production',
      findings: [ok, { ...failed, fix }],
      error: { code: 'CLI_CHECKS_FAILED', message: '1 check failed: interrupted', hint: fix },
    },
  ]);
  expect(examine).toHaveBeenCalledWith(expect.objectContaining({ environment: 'production', config: 'a.ts' }));
  expect(exitCode).toBe(1);
});

it('exits with 2 where the configuration is wrong', async () => {
  const wrong: CheckFinding = {
    check: 'configuration',
    group: 'configuration',
    status: 'failed',
    message: 'there is no maestro.config',
    fix: 'maestro init',
    code: 'REGISTRY_NOT_FOUND',
  };
  const { exitCode, stdout, stderr } = await runMaestro('doctor -e production', finding(wrong));
  expect(exitCode).toBe(2);
  expect(stdout).toContain('  failed   configuration  there is no maestro.config\n');
  expect(stderr).toContain('REGISTRY_NOT_FOUND: the check configuration failed, and no other could be made\n');
});

it('needs the name of an environment', async () => {
  expect((await runMaestro('doctor')).exitCode).toBe(2);
});
