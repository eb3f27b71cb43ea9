import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { isMaestroError, messageOf } from '@maestro/core';

import { buildFailed } from './errors.ts';
import { searchPath } from './requirements.ts';

const deadlineMs = 10 * 60_000;

/**
 * Makes a command's processes and mounts end with it, and the command with this process, however that one ends: what
 * is left mounted in a folder would keep it from being removed, or be emptied with it.
 */
const diesWithParent = 'setpriv --pdeathsig KILL';
const ownNamespaces = 'unshare --mount --propagation private --pid --fork --kill-child --';
const contained = `${diesWithParent} ${ownNamespaces}`.split(' ');

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program that mounts or starts others. */
export async function runContained(command: readonly string[], options: RunOptions): Promise<string> {
  return await runProgram([...contained, ...command], options);
}

/** What a program writes. When it is aborted, it is gone before the signal's reason is thrown. */
export async function runProgram(command: readonly string[], { signal }: RunOptions): Promise<string> {
  signal?.throwIfAborted();
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: searchPath, TMPDIR: '/tmp', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  });
  const output: string[] = [];
  const everything: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.push(text);
    everything.push(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => everything.push(text));
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  // Its first line: the others are those of a script.
  const [shown = ''] = command.join(' ').split('\n');
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (code === 0) return output.join('');
    const said = everything.join('').trim().split('\n').slice(-5).join('\n');
    throw buildFailed(
      shown,
      code === null ? `it was killed, at the latest after ${deadlineMs / 1000} s: ${said}` : said,
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw isMaestroError(error) ? error : buildFailed(shown, messageOf(error));
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}
