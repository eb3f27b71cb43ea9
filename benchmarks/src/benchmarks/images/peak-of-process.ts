import { readFile } from 'node:fs/promises';

import { systemClock } from '@maestro/core';

/**
 * The most memory that a process has had, in bytes; what Linux reports of a child that has ended would also hold the
 * process that started it.
 */
export async function peakBytes(pid: number | 'self'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(?<size>\d+) kB$/m.exec(status)?.groups?.size;
  return kibibytes === undefined ? Number.NaN : Number(kibibytes) * 1024;
}

const intervalMs = 5;

/** Follows a process of another program until it ends; what it takes in its last 5 ms may be missed. */
export async function followPeak(pid: number): Promise<number> {
  let peak = 0;
  for (;;) {
    // One that has ended is not there any more, or has no memory.
    const now = await peakBytes(pid).catch(() => Number.NaN);
    if (Number.isNaN(now)) return peak;
    peak = Math.max(peak, now);
    await systemClock.sleep(intervalMs);
  }
}
