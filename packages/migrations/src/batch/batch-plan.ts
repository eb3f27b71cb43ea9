import { createHash } from 'node:crypto';

import type { MigrationPlan } from '../plan/migration-plan.ts';

/** What a run over all databases would do; JSON-safe. */
export interface BatchPlan {
  /** In the order given. */
  readonly databases: readonly DatabasePlan[];
  /** The same for the same databases and plans, in whatever order: `run({ planHash })` carries out exactly them. */
  readonly hash: string;
}

export interface DatabasePlan {
  readonly name: string;
  readonly plan: MigrationPlan;
}

export function batchPlanOf(databases: readonly DatabasePlan[]): BatchPlan {
  const hashes = databases.map(({ name, plan }) => [name, plan.hash] as const);
  hashes.sort(([one], [other]) => (one < other ? -1 : 1));
  return { databases, hash: createHash('sha256').update(JSON.stringify(hashes)).digest('hex') };
}
