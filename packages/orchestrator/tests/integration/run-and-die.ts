import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

import type { Project } from './project.ts';

const deployer = fileURLToPath(new URL('../fixtures/deployer.ts', import.meta.url));

export interface Death {
  /** `announced`: before its first step, whatever that is. */
  readonly moment: 'announced' | 'finished' | 'started';
  readonly step: string;
  readonly operation?: 'abort' | 'deploy' | 'resume';
  /** It goes on so long after that moment. */
  readonly delayMs?: number;
}

/** Runs an operation that is killed with SIGKILL before or after a step. */
export async function runAndDie(
  project: Pick<Project, 'config'>,
  moment: 'finished' | 'started',
  step: string,
  operation: 'abort' | 'deploy' | 'resume' = 'deploy',
): Promise<void> {
  expect(await runToDeath(project, { moment, step, operation }), `the deployer was not killed at ${step}`).toBe(true);
}

/** Whether it came to that moment. */
export async function runToDeath(
  { config }: Pick<Project, 'config'>,
  { moment, step, operation = 'deploy', delayMs = 0 }: Death,
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@maestro/source',
      '--disable-warning=ExperimentalWarning',
      deployer,
      config,
      operation,
      moment,
      step,
      String(delayMs),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect([null, 0], `the deployer failed by itself at ${step}`).toContain(code);
  return signal === 'SIGKILL';
}
