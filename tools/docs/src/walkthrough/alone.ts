import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { type Clock, poll } from '@maestro/core';
import { holdExclusively } from '@maestro/core/exclusive-hold';

import { DocsError } from '../errors.ts';

const deadlineMs = 30 * 60_000;

/**
 * Waits until no other process runs a walkthrough: two would want the same ports, and the same names on the engine. Throws
 * DOCS_WALKTHROUGHS_BUSY after half an hour.
 */
export async function alone(options: {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<Disposable> {
  const file = join(homedir(), '.cache', 'maestro', 'walkthroughs.lock');
  await mkdir(dirname(file), { recursive: true });
  const { value } = await poll({
    probe: () => Promise.resolve(holdExclusively(file)),
    accept: (hold) => hold !== undefined,
    intervalMs: 200,
    deadlineMs,
    ...options,
  });
  if (value !== undefined) return value;
  throw new DocsError('DOCS_WALKTHROUGHS_BUSY', 'another process runs walkthroughs and does not come to an end', {
    hint: `fuser ${file}`,
    retryable: true,
  });
}
