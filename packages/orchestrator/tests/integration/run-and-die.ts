import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

import type { Project } from './project.ts';

const deployer = fileURLToPath(new URL('../fixtures/deployer.ts', import.meta.url));

/** Runs an operation that is killed with SIGKILL before or after a step. */
export async function runAndDie(
  project: Pick<Project, 'config'>,
  moment: 'started' | 'finished',
  step: string,
  operation: 'deploy' | 'resume' | 'abort' = 'deploy',
): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@maestro/source',
      '--disable-warning=ExperimentalWarning',
      deployer,
      project.config,
      operation,
      moment,
      step,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal, `the deployer was not killed at ${step}`).toBe('SIGKILL');
}
