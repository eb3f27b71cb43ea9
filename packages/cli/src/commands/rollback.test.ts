import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { deployed, release, tellRelease } from '../testing/sample-data.ts';

const rolledBack = { ...deployed, outcome: 'rolled-back' } as const;

it('returns the named services to the release asked for, without asking', async () => {
  const rollback = vi.fn().mockResolvedValue(rolledBack);
  const { exitCode, stdout } = await runMaestro('rollback gateway --to 01ABC -e production', {
    environment: { rollback },
    terminal: true,
  });
  expect(rollback).toHaveBeenCalledWith(expect.objectContaining({ services: ['gateway'], to: '01ABC' }));
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Release ${release} rolled-back in production`);
});

it('gives programs the events and the result', async () => {
  const { jsonLines } = await runMaestro('rollback -e production --json', {
    environment: {
      rollback: async (options) => {
        await tellRelease(options?.onEvent);
        return rolledBack;
      },
    },
  });
  expect(jsonLines()).toHaveLength(8);
  expect(jsonLines().at(-1)).toEqual({ type: 'result', ok: true, ...rolledBack });
});
