import { readFile } from 'node:fs/promises';

import { processIdentity } from '@maestro/core';

import { processesOfFolder } from '../processes-of-folder.ts';
import { endServer } from '../server-process.ts';

/** Ends the logins of the server of a folder: they would outlive it, and then nothing tells any more whose they were. */
export async function endSessions(folder: string): Promise<void> {
  const servers = await processesOfFolder(folder);
  const sessions = (await Promise.all(servers.map(childrenOf))).flat();
  await Promise.all(sessions.map(end));
}

/** See proc_pid_task(5). None where there is no /proc. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.split(' ').filter(Boolean).map(Number);
}

async function end(pid: number): Promise<void> {
  const identity = await processIdentity(pid);
  if (identity !== undefined) await endServer({ pid, identity }, { deadlineMs: 5_000 });
}
