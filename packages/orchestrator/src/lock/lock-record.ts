import { hostname, userInfo } from 'node:os';

import { processIdentity } from '@maestro/core';
import { z } from 'zod';

import { OrchestratorError } from '../errors.ts';

const recordSchema = z.object({
  user: z.string(),
  machine: z.string(),
  pid: z.number(),
  /** Tells this process from a later one with the same number. */
  identity: z.string(),
  purpose: z.string(),
  since: z.string(),
  renewedAt: z.string(),
});

/** What a holder writes of itself into the file with its number. */
export type LockRecord = z.infer<typeof recordSchema>;

export function parseLockRecord(text: string): LockRecord {
  return recordSchema.parse(JSON.parse(text));
}

export async function recordOfThisProcess(purpose: string, now: string): Promise<LockRecord> {
  return {
    user: userInfo().username,
    machine: hostname(),
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
    purpose,
    since: now,
    renewedAt: now,
  };
}

/** Whether it was of this machine and its process has ended: a holder elsewhere can be told by its lease alone. */
export async function hasEnded({ machine, pid, identity }: LockRecord): Promise<boolean> {
  return machine === hostname() && (await processIdentity(pid)) !== identity;
}

/** `user@machine (pid 123)` */
export function nameOf({ user, machine, pid }: LockRecord): string {
  return `${user}@${machine} (pid ${pid})`;
}

export function locked(current: LockRecord, hint: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_LOCKED',
    `${nameOf(current)} holds the deployment lock since ${current.since}, for ${current.purpose}`,
    {
      hint,
      details: { holder: nameOf(current), since: current.since, purpose: current.purpose },
      retryable: true,
    },
  );
}
