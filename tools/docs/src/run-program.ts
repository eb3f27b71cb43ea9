import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { DocsError } from './errors.ts';

export interface RunProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const deadlineMs = 2 * 60_000;
const mostOutput = 64 * 1024 * 1024;

/** What a program writes. Throws DOCS_PROGRAM_FAILED with its complaint. */
export async function runProgram(options: RunProgramOptions): Promise<string> {
  const { program, args, folder, environment = process.env, signal } = options;
  try {
    const { stdout } = await promisify(execFile)(program, [...args], {
      ...(folder === undefined ? {} : { cwd: folder }),
      env: environment,
      timeout: deadlineMs,
      maxBuffer: mostOutput,
      signal,
    });
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    throw new DocsError('DOCS_PROGRAM_FAILED', `${[program, ...args].join(' ')}: ${messageOf(error)}`, {
      hint: 'run it by hand',
      cause: error,
    });
  }
}
