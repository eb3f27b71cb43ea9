import { afterAll, beforeAll, expect, it } from 'vitest';

import { createProject, type PlatformProject } from './platform-project.ts';
import { allBlue, publishWelcome, readStatus, slotsIn, urlOf } from './platform-status.ts';

// The example's own port may be in use on this machine.
const registry = `import { defineRegistry } from '@maestro/registry';

import example from './maestro.config.ts';

const { development } = example.environments;

export default defineRegistry({
  ...example,
  environments: { development: { ...development, runtime: 'embedded', proxy: { port: 0 } } },
});
`;

const releaseMs = 120_000;

// One project for all: each test goes on from where the one before has left it.
let project: PlatformProject;
beforeAll(async () => {
  project = await createProject({ registry, environment: 'development' });
}, releaseMs);
afterAll(() => project[Symbol.asyncDispose](), releaseMs);

it('deploys all five, which work together', { timeout: releaseMs }, async () => {
  expect(await project.maestro('deploy')).toContain('deployed in development');
  const url = await urlOf(project.environment);
  const status = await readStatus(url);
  expect(status).toMatchObject({ healthy: true });
  expect(slotsIn(status)).toEqual(allBlue);

  await publishWelcome(url);
});

it('deploys the one service that the last commit has changed, and goes back', { timeout: releaseMs }, async () => {
  const { environment } = project;
  await project.change('services/template-service/src/template-input.ts', '65_536', '32_768');
  await project.change('services/quality-fabric/quality_fabric/rules.py', 'LONGEST_LINE = 200', 'LONGEST_LINE = 100');
  expect(await project.maestro('deploy', '--affected-since', 'HEAD~1')).toContain('deployed in development');
  const url = await urlOf(environment);
  expect(slotsIn(await readStatus(url))).toEqual({ ...allBlue, 'quality-fabric': 'green' });
  const check = await fetch(new URL('/checks', url), {
    method: 'POST',
    body: JSON.stringify({ body: 'x'.repeat(101) }),
  });
  expect(await check.json()).toMatchObject({ passed: false });

  expect(await environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
  const back = await readStatus(url);
  expect(back).toMatchObject({ healthy: true });
  expect(slotsIn(back)).toEqual(allBlue);
});
