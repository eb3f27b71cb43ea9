import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { MaestroError, poll, systemClock } from '@maestro/core';
import { holdExclusively } from '@maestro/core/exclusive-hold';

export interface HoldOptions {
  /** For the error when somebody else has it for too long. */
  readonly what: string;
  readonly deadlineMs: number;
}

/** Runs `work` while this process alone has a file; waits for it. The file stays: removing it would let two in. */
export async function holdWhile<T>(file: string, options: HoldOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const waiting = await poll({
    probe: () => Promise.resolve(holdExclusively(file)),
    accept: (hold) => hold !== undefined,
    intervalMs: 50,
    deadlineMs: options.deadlineMs,
    clock: systemClock,
  });
  if (waiting.value === undefined) {
    throw new MaestroError('PART_BUSY', `another process is busy with ${options.what} and does not finish`, {
      hint: `find it with: fuser ${file}`,
      retryable: true,
    });
  }
  using _ = waiting.value;
  return await work();
}
