import { readdir, readFile, readlink } from 'node:fs/promises';
import { sep } from 'node:path';

import { poll, systemClock } from '@maestro/core';

import { runVariable } from './run-variable.ts';

/**
 * The processes that belong to a folder: they carry it as their run, work in it, or were told about it on their command
 * line, which programs that overwrite their environment still show. None where there is no /proc.
 */
export async function processesOfFolder(folder: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const belongs = await Promise.all(pids.map((pid) => belongsTo(pid, folder)));
  return pids.filter((_, index) => belongs[index]);
}

/** Ends them, with SIGKILL where SIGTERM does not do it within `patienceMs`; resolves to how many there were. */
export async function endProcessesOfFolder(
  folder: string,
  { patienceMs }: { readonly patienceMs: number },
): Promise<number> {
  const found = await processesOfFolder(folder);
  signalAll(found, 'SIGTERM');
  if (!(await allEnded(folder, patienceMs))) {
    signalAll(await processesOfFolder(folder), 'SIGKILL');
    await allEnded(folder, 10_000);
  }
  return found.length;
}

async function allEnded(folder: string, deadlineMs: number): Promise<boolean> {
  const { accepted } = await poll({
    probe: () => processesOfFolder(folder),
    accept: (pids) => pids.length === 0,
    intervalMs: 50,
    deadlineMs,
    clock: systemClock,
  });
  return accepted;
}

async function belongsTo(pid: number, folder: string): Promise<boolean> {
  // A process may end while it is looked at, and other users' processes do not let themselves be looked at.
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (isWithin(cwd, folder)) return true;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const label = environment.split('\0').find((entry) => entry.startsWith(`${runVariable}=`));
  if (label !== undefined && isWithin(label.slice(runVariable.length + 1), folder)) return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split(/[\0\s=]/).some((word) => isWithin(word, folder));
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
