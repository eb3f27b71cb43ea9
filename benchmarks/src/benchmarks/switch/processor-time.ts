import { readFile } from 'node:fs/promises';

// What Linux counts in, on every machine that Node runs on.
const tickMs = 10;

/** The time that a process and its children have spent on processors, in milliseconds. */
export async function processorMs(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const all = [pid, ...children.split(' ').filter(Boolean).map(Number)];
  const times = await Promise.all(all.map(async (one) => ticksOf(await readFile(`/proc/${one}/stat`, 'utf8'))));
  return times.reduce((sum, ticks) => sum + ticks, 0) * tickMs;
}

/** User's and system's, which are the 14th and 15th fields; the second one may hold spaces. */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
