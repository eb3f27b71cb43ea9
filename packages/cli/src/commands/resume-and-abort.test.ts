import { MaestroError } from '@maestro/core';
import type { RunOptions } from '@maestro/orchestrator';
import { describe, expect, it } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { deployed, release, tellRelease } from '../testing/sample-data.ts';

describe.each([
  ['resume', deployed],
  ['abort', { ...deployed, outcome: 'aborted', switchMs: null }],
] as const)('%s', (command, result) => {
  it('shows the release under way and how it ended', async () => {
    const { exitCode, stdout, stderr } = await runMaestro(`${command} -e production`, {
      environment: {
        [command]: async ({ onEvent }: RunOptions) => {
          await tellRelease(onEvent);
          return result;
        },
      },
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('start gateway … 2.0 s');
    expect(stdout).toContain(`Release ${release} ${result.outcome} in production`);
  });

  it('gives programs the result', async () => {
    const environment = { [command]: () => Promise.resolve(result) };
    const { jsonLines } = await runMaestro(`${command} -e production --json`, { environment });
    expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...result }]);
  });

  it('fails when no release was cut off', async () => {
    const nothing = new MaestroError('ORCHESTRATOR_NOTHING_INTERRUPTED', 'no release was cut off');
    const environment = { [command]: () => Promise.reject(nothing) };
    const { exitCode, stderr } = await runMaestro(`${command} -e production`, { environment });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('ORCHESTRATOR_NOTHING_INTERRUPTED: no release was cut off\n');
  });
});
