import { expect, it } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { cutOffStatus, healthyStatus } from '../testing/sample-data.ts';

it('prints what runs where, in colour on a terminal only', async () => {
  const environment = { status: () => Promise.resolve(healthyStatus) };
  const piped = await runMaestro('status -e production', { environment });
  const shown = await runMaestro('status -e production', { environment, terminal: true });
  expect(piped.stdout).toContain('green  live  healthy  maestro-gateway:production-abc1234  1a2b3c4d5e6f  3 min ago');
  expect(piped.rawStdout).toBe(piped.stdout);
  expect(shown.stdout).toBe(piped.stdout);
  expect(shown.rawStdout).toContain('\u001B[32mhealthy');
});

it('succeeds when a release was cut off, and says so to people and programs', async () => {
  const environment = { status: () => Promise.resolve(cutOffStatus) };
  const { exitCode, stdout } = await runMaestro('status -e production', { environment });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Cut off: deploy');
  const { jsonLines } = await runMaestro('status -e production --json', { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...cutOffStatus }]);
});
