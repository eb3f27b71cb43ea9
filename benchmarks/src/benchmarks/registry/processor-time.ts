/**
 * What work takes of processors, in milliseconds, collecting garbage and compiling included. On a machine that does nothing
 * else that is at least the time which it takes, and on a busy one the same.
 */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return sumOf(process.cpuUsage(before));
}

export function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
