import { MaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import type { Environment } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { interrupted } from './errors.ts';
import { fakeEnvironment } from './testing/fake-environment.ts';
import { runMaestro } from './testing/run-maestro.ts';
import { deployed, healthyStatus, noon, tellRelease } from './testing/sample-data.ts';

const status = () => Promise.resolve(healthyStatus);

/** A deployment that goes on until it is told to stop, then refuses its release. */
const endlessDeploy: Environment['deploy'] = (options) =>
  new Promise((_, reject) => {
    options?.signal?.addEventListener('abort', () => {
      const details = { release: '01', outcome: 'refused' };
      reject(new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'release 01 was refused', { details }));
    });
  });

it('opens the environment and configuration that were named', async () => {
  const openEnvironment = vi.fn().mockResolvedValue(fakeEnvironment({ status }));
  await runMaestro('status -e production -c deploy/maestro.yaml', { openEnvironment });
  expect(openEnvironment).toHaveBeenCalledWith(
    expect.objectContaining({ environment: 'production', config: 'deploy/maestro.yaml' }),
  );
});

it('takes the environment from MAESTRO_ENVIRONMENT, which a flag overrides', async () => {
  const openEnvironment = vi.fn().mockResolvedValue(fakeEnvironment({ status }));
  const env = { MAESTRO_ENVIRONMENT: 'demo' };
  await runMaestro('status', { openEnvironment, env });
  await runMaestro('status -e production', { openEnvironment, env });
  expect(openEnvironment.mock.calls).toEqual([
    [expect.objectContaining({ environment: 'demo' })],
    [expect.objectContaining({ environment: 'production' })],
  ]);
});

it.each([{}, { MAESTRO_ENVIRONMENT: '' }])('says how to name an environment when none is: %o', async (env) => {
  expect(await runMaestro('status', { env })).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr:
      'CLI_USAGE: status needs the name of an environment\n' +
      'Next: maestro status -e <name>, or set MAESTRO_ENVIRONMENT\n',
  });
});

it('reports wrong usage to programs as a result', async () => {
  const { exitCode, jsonLines } = await runMaestro('deplyo --json');
  expect(exitCode).toBe(2);
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: { code: 'CLI_USAGE', message: "unknown command 'deplyo'", hint: 'did you mean deploy?' },
    },
  ]);
});

it('cleans up and exits with 130 when it is interrupted', async () => {
  const interruption = new AbortController();
  const running = runMaestro('deploy -e production --json', {
    environment: { deploy: endlessDeploy },
    signal: interruption.signal,
  });
  await new Promise(setImmediate);
  interruption.abort(interrupted('SIGINT'));
  const { exitCode, jsonLines, stderr } = await running;
  expect(exitCode).toBe(130);
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: {
        code: 'CLI_INTERRUPTED',
        message: 'interrupted by SIGINT: release 01 was refused',
        hint: 'maestro status -e production',
      },
      release: '01',
      outcome: 'refused',
    },
  ]);
  expect(stderr).toContain('interrupted by SIGINT; cleaning up. A second Ctrl-C exits at once.\n');
});

it('stops and cleans up when --timeout has passed', async () => {
  const clock = new ManualClock(noon);
  const running = runMaestro('deploy -e production --timeout 5m', { environment: { deploy: endlessDeploy }, clock });
  await clock.advance(299_999);
  await clock.advance(1);
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('CLI_TIMEOUT: deploy took longer than --timeout 5m: release 01 was refused\nNext: ');
});

it('reports a release that was left cut off as that, even when it was interrupted', async () => {
  const interruption = new AbortController();
  const deploy: Environment['deploy'] = () => {
    interruption.abort(interrupted('SIGTERM'));
    return Promise.reject(new MaestroError('ORCHESTRATOR_INTERRUPTED', 'left half-way', { hint: 'maestro resume' }));
  };
  const { exitCode, stderr } = await runMaestro('deploy -e production', {
    environment: { deploy },
    signal: interruption.signal,
  });
  expect(exitCode).toBe(4);
  expect(stderr).toContain('ORCHESTRATOR_INTERRUPTED: left half-way\nNext: maestro resume -e production\n');
});

it('reports what was finished in spite of an interruption as done', async () => {
  const interruption = new AbortController();
  const deploy: Environment['deploy'] = () => {
    interruption.abort(interrupted('SIGINT'));
    return Promise.resolve(deployed);
  };
  const options = { environment: { deploy }, signal: interruption.signal };
  expect(await runMaestro('deploy -e production', options)).toMatchObject({ exitCode: 0 });
});

it('starts nothing when it was interrupted while opening the environment', async () => {
  const interruption = new AbortController();
  const deploy = vi.fn();
  const { exitCode } = await runMaestro('deploy -e production', {
    openEnvironment: () => {
      interruption.abort(interrupted('SIGINT'));
      return Promise.resolve(fakeEnvironment({ deploy }));
    },
    signal: interruption.signal,
  });
  expect(exitCode).toBe(130);
  expect(deploy).not.toHaveBeenCalled();
});

it.each(['soon', '0s', '25h'])('refuses --timeout %s before it opens anything', async (timeout) => {
  const openEnvironment = vi.fn();
  const { exitCode, stderr } = await runMaestro(`status -e production --timeout ${timeout}`, { openEnvironment });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`such as 90s, 5m or 1h, not "${timeout}"`);
  expect(openEnvironment).not.toHaveBeenCalled();
});

it('closes the environment whether the command succeeds or fails', async () => {
  const dispose = vi.fn().mockResolvedValue(undefined);
  await runMaestro('status -e production', { environment: { status, [Symbol.asyncDispose]: dispose } });
  expect(dispose).toHaveBeenCalledTimes(1);
  await runMaestro('history -e production', { environment: { [Symbol.asyncDispose]: dispose } });
  expect(dispose).toHaveBeenCalledTimes(2);
});

it('does not turn a success into a failure when closing fails, but logs it', async () => {
  const environment = { status, [Symbol.asyncDispose]: () => Promise.reject(new Error('socket hang up')) };
  const { exitCode, stderr } = await runMaestro('status -e production --verbose', { environment });
  expect(exitCode).toBe(0);
  expect(stderr).toBe('12:03:04 warn  the environment did not close cleanly {"error":"socket hang up"}\n');
});

it('tells log lines and causes only when asked to be verbose', async () => {
  const cause = new Error('ENOENT: maestro.config.ts');
  const run = (flags: string) =>
    runMaestro(`status -e production ${flags}`, {
      openEnvironment: ({ logger }) => {
        logger.debug('reading the configuration', { file: 'maestro.config.ts' });
        return Promise.reject(new MaestroError('REGISTRY_NOT_FOUND', 'no configuration', { cause }));
      },
    });
  expect((await run('')).stderr).toBe('REGISTRY_NOT_FOUND: no configuration\n');
  expect((await run('--verbose')).stderr.split('\n')).toEqual([
    '12:03:04 debug reading the configuration {"file":"maestro.config.ts"}',
    'REGISTRY_NOT_FOUND: no configuration',
    '  caused by ENOENT: maestro.config.ts',
    '',
  ]);
});

it('shows plain lines instead of the live view when log lines come between', async () => {
  const deploy: Environment['deploy'] = async (options) => {
    await tellRelease(options?.onEvent);
    return deployed;
  };
  const { stderr } = await runMaestro('deploy -e production --verbose', { environment: { deploy }, terminal: true });
  expect(stderr).toContain('12:03:05 start gateway …\n');
});

it.each(['--quiet', '--quiet --json'])('prints nothing but the result with %s', async (flags) => {
  const deploy: Environment['deploy'] = async (options) => {
    await tellRelease(options?.onEvent);
    return { ...deployed, services: [] };
  };
  const options = { environment: { deploy }, terminal: true };
  const { stdout, stderr } = await runMaestro(`deploy -e production ${flags}`, options);
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
});

it.each([
  ['--no-color', {}],
  ['', { NO_COLOR: '1' }],
  ['', { TERM: 'dumb' }],
])('uses no colour on a terminal with "%s" and %o', async (flags, env) => {
  const finished = await runMaestro(`status -e production ${flags}`, { environment: { status }, env, terminal: true });
  expect(finished.rawStdout).toBe(finished.stdout);
});
