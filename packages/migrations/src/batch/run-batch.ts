import { type ErrorReport, reportError } from '@maestro/core';

import type { BatchOutcome } from '../events.ts';
import { type BatchDatabase, openOne } from './batch-database.ts';
import type { DatabasePlan } from './batch-plan.ts';
import { type Batch, checkAll } from './check-all.ts';
import { batchPlanChanged } from './errors.ts';
import { KeptDatabases } from './kept-databases.ts';
import type { BatchRunOptions } from './migration-batch.ts';
import { sideBySide } from './side-by-side.ts';

/** What became of each database, in the order given; JSON-safe. */
export interface BatchResult {
  readonly databases: readonly DatabaseResult[];
}

export interface DatabaseResult {
  readonly name: string;
  /** `done` also where nothing was pending, `untouched` where the run was stopped before, `stopped` where it was in the middle. */
  readonly outcome: BatchOutcome;
  /** Names of what this run applied, in order. */
  readonly applied: readonly string[];
  /** Why it failed. */
  readonly error?: ErrorReport;
}

interface Task {
  readonly database: BatchDatabase;
  readonly planned: DatabasePlan['plan'];
}

export async function runBatch(batch: Batch, options: BatchRunOptions): Promise<BatchResult> {
  const { planHash, signal } = options;
  await using kept = new KeptDatabases();
  const plan = await checkAll(batch, options, kept);
  if (planHash !== undefined && planHash !== plan.hash) throw batchPlanChanged(planHash, plan.hash);

  const tasks = plan.databases.flatMap(({ name, plan: planned }): Task[] => {
    const database = batch.databases.find((one) => one.name === name);
    return database === undefined || planned.migrations.length === 0 ? [] : [{ database, planned }];
  });
  const { concurrency } = batch;
  const settled = await sideBySide(tasks, { concurrency, signal }, (task) => runOne(batch, { ...task, kept }, options));
  const results = new Map(
    tasks.map(({ database: { name } }, index): [string, DatabaseResult] => {
      const one = settled[index];
      return [name, one?.kind === 'returned' ? one.result : { name, outcome: 'untouched', applied: [] }];
    }),
  );
  return { databases: plan.databases.map(({ name }) => results.get(name) ?? { name, outcome: 'done', applied: [] }) };
}

async function runOne(
  batch: Batch,
  { database, planned, kept }: Task & { readonly kept: KeptDatabases },
  options: BatchRunOptions,
): Promise<DatabaseResult> {
  const { name } = database;
  const { phase, planHash, signal: stop } = options;
  const { emit } = batch;
  emit({ type: 'database-started', database: name, planned: planned.migrations.length });
  let applied: readonly string[] = [];
  let failure: unknown;
  try {
    await using opened = kept.take(name) ?? (await openOne(database, batch));
    applied = opened.applied;
    // Without a hash what another runner applies meanwhile is no failure.
    await opened.migrations.run({ phase, stop, planHash: planHash === undefined ? undefined : planned.hash });
  } catch (error) {
    failure = error;
  }
  const result = resultOf(name, applied, failure, { isStopped: stop?.aborted === true, planned, stop });
  emit({ type: 'database-finished', database: name, outcome: result.outcome, applied: applied.length });
  return result;
}

interface Ended {
  readonly planned: DatabasePlan['plan'];
  readonly isStopped: boolean;
  readonly stop: AbortSignal | undefined;
}

function resultOf(
  name: string,
  applied: readonly string[],
  error: unknown,
  { planned, isStopped, stop }: Ended,
): DatabaseResult {
  if (error !== undefined && !(isStopped && error === stop?.reason)) {
    return { name, outcome: 'failed', applied, error: reportError(error) };
  }
  if (!isStopped || applied.length >= planned.migrations.length) return { name, outcome: 'done', applied };
  return { name, outcome: applied.length === 0 ? 'untouched' : 'stopped', applied };
}
