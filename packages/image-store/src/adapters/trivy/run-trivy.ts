import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TrivyRun {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Printed {
  /** A text for a program that could not be started or printed too much, null for one that was killed. */
  readonly exitCode: number | string | null;
  readonly output: string;
  readonly errors: string;
}

/** Longer than any report; what prints more is none. */
const mostBytes = 256 * 1024 * 1024;

/**
 * Runs the program in an empty folder: Trivy reads `trivy.yaml` and `.trivyignore` where it is started, which would
 * leave findings out. It is killed with the signal.
 */
export async function runTrivy(run: TrivyRun, signal: AbortSignal): Promise<Printed> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-trivy-'));
  try {
    return await execute(run, folder, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function execute(run: TrivyRun, cwd: string, signal: AbortSignal): Promise<Printed> {
  const options = { cwd, env: { ...run.environment }, signal, killSignal: 'SIGKILL', maxBuffer: mostBytes } as const;
  return new Promise((resolve, reject) => {
    execFile(run.program, run.arguments, options, (error, output, errors) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ exitCode: error === null ? 0 : (error.code ?? null), output, errors });
    });
  });
}
