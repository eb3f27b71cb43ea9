import { spawn } from 'node:child_process';
import { basename } from 'node:path';

import { type Clock, messageOf, withDeadline } from '@maestro/core';

import { programFailed } from './errors.ts';

export interface RunProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Instead of this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** 0 alone unless said otherwise. */
  readonly goodExitCodes?: readonly number[];
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const keptLines = 40;

/** Runs a program to its end. Throws RELEASE_PROGRAM_FAILED with the end of its output where it did not succeed. */
export async function runProgram(options: RunProgramOptions): Promise<ProgramOutput> {
  const { folder, deadlineMs, clock, signal } = options;
  const command = [basename(options.program), ...options.args].join(' ');
  const output = { stdout: '', stderr: '' };
  const failure = (reason: string) => programFailed({ command, folder, reason, output: endOf(output) });
  await withDeadline((stop) => runToEnd(options, { output, failure, stop }), {
    deadlineMs,
    clock,
    signal,
    onExpired: () => failure(`did not end in ${deadlineMs} ms`),
  });
  return output;
}

interface Run {
  readonly output: { stdout: string; stderr: string };
  readonly failure: (reason: string) => Error;
  readonly stop: AbortSignal;
}

function runToEnd(options: RunProgramOptions, { output, failure, stop }: Run): Promise<void> {
  const { program, args, folder, environment, goodExitCodes = [0] } = options;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment ?? process.env,
    signal: stop,
  });
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(failure(`could not be run: ${messageOf(error)}`));
    });
    child.once('close', (code, ended) => {
      if (code !== null && goodExitCodes.includes(code)) resolve();
      else reject(failure(ended === null ? `ended with ${code ?? 'no code'}` : `was ended by ${ended}`));
    });
  });
}

/** Both streams: some programs say what is wrong on the one, some on the other. */
function endOf({ stdout, stderr }: ProgramOutput): string {
  return [stdout, stderr]
    .map((text) => text.trim().split('\n').slice(-keptLines).join('\n'))
    .join('\n')
    .trim();
}
