import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { samplePlan } from '../testing/sample-data.ts';

it('prints the plan of the named services at a ref', async () => {
  const plan = vi.fn().mockResolvedValue(samplePlan);
  const { exitCode, stdout } = await runMaestro('plan gateway api --ref v1.2 -e production', { environment: { plan } });
  expect(plan).toHaveBeenCalledWith(expect.objectContaining({ services: ['gateway', 'api'], ref: 'v1.2' }));
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Plan for production: 1 of 2 services change\n');
});

it('plans all services of the working tree when nothing is named', async () => {
  const plan = vi.fn().mockResolvedValue(samplePlan);
  await runMaestro('plan -e production', { environment: { plan } });
  expect(plan).toHaveBeenCalledWith(expect.objectContaining({ services: undefined, ref: undefined }));
});

it('gives programs the hash, the steps and the services', async () => {
  const environment = { plan: () => Promise.resolve(samplePlan) };
  const { jsonLines } = await runMaestro('plan -e production --json', { environment });
  const { hash, steps, services } = samplePlan;
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, hash, steps, services }]);
});

it('plans what is affected since a commit, and gives programs the reasons', async () => {
  const affected = [{ name: 'gateway', reasons: [{ kind: 'context', summary: 'services/gateway/a.ts changed' }] }];
  const plan = vi.fn().mockResolvedValue({ ...samplePlan, affected });
  const { jsonLines } = await runMaestro('plan --affected-since origin/main -e production --json', {
    environment: { plan },
  });
  expect(plan).toHaveBeenCalledWith(expect.objectContaining({ affectedSince: 'origin/main' }));
  expect(jsonLines()).toMatchObject([{ type: 'result', ok: true, affected }]);
});
