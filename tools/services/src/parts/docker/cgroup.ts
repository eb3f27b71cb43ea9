import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { poll, systemClock } from '@maestro/core';

const deadlineMs = 10_000;

/** The control group under which an engine has those of its containers. */
export function cgroupOf(folder: string): string {
  return `maestro-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
}

/** Kills everything in a control group, and removes it with those in it. */
export async function endCgroup(name: string): Promise<void> {
  await poll({
    probe: async () => {
      const groups = groupsOf(name);
      for (const group of groups) for (const pid of await processesIn(group)) kill(pid);
      // Refused for a moment longer, while processes in it are still ending.
      for (const group of groups) await rmdir(group).catch(() => undefined);
      return groups;
    },
    accept: (groups) => groups.length === 0,
    intervalMs: 50,
    deadlineMs,
    clock: systemClock,
  });
}

/** Innermost first; in version 1 each controller has a hierarchy of its own, see cgroups(7). */
function groupsOf(name: string): readonly string[] {
  return globSync([`/sys/fs/cgroup/${name}/**/cgroup.procs`, `/sys/fs/cgroup/*/${name}/**/cgroup.procs`])
    .map(dirname)
    .sort((a, b) => b.length - a.length);
}

async function processesIn(group: string): Promise<readonly number[]> {
  const pids = await readFile(`${group}/cgroup.procs`, 'utf8').catch(() => '');
  return pids.split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
