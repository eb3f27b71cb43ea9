import { readdir, readFile, readlink } from 'node:fs/promises';
import { sep } from 'node:path';

import { type Clock, poll } from '@maestro/core';

/**
 * Ends every process that works in a folder or was told about it on its command line: the last resort, for what
 * `maestro stop` did not reach. The folder is the demo's own and new, so nobody else's process is meant.
 * Finds nothing where there is no /proc. Returns how many there were.
 */
export async function endLeftovers(folder: string, clock: Clock): Promise<number> {
  const found = await processesOf(folder);
  signalAll(found, 'SIGTERM');
  const ended = async () => (await processesOf(folder)).length === 0;
  await poll({ probe: ended, accept: Boolean, intervalMs: 50, deadlineMs: 3_000, clock });
  signalAll(await processesOf(folder), 'SIGKILL');
  return found.length;
}

async function processesOf(folder: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const belongs = await Promise.all(pids.map((pid) => belongsTo(pid, folder)));
  return pids.filter((_, index) => belongs[index]);
}

async function belongsTo(pid: number, folder: string): Promise<boolean> {
  // A process may end while it is looked at, and other users' processes do not let themselves be looked at.
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (isWithin(cwd, folder)) return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').some((argument) => isWithin(argument, folder));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
