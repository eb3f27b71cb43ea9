import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { runVariable } from '../src/run-variable.ts';
import type { StateFolder } from '../src/state-folder.ts';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

export interface NestedRunOptions {
  readonly fixture: string;
  readonly state: StateFolder;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Starts Vitest on a fixture as if from a shell: in no run of its own, and with its own state folder. */
export function startRun({ fixture, state, environment }: NestedRunOptions): ChildProcess {
  return spawn(process.execPath, [vitest, 'run', '--config', 'vitest.config.ts', fixture], {
    cwd: join(import.meta.dirname, 'fixtures'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CI: undefined,
      VITEST: undefined,
      TMPDIR: undefined,
      NO_COLOR: '1',
      [runVariable]: undefined,
      MAESTRO_PARTS_FOLDER: state.path,
      ...environment,
    },
  });
}

export interface FinishedRun {
  readonly code: number | null;
  readonly output: string;
}

export async function finish(run: ChildProcess): Promise<FinishedRun> {
  const output: string[] = [];
  for (const stream of [run.stdout, run.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const [code] = (await once(run, 'close')) as [number | null];
  return { code, output: output.join('') };
}
