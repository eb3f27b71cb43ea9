import { reportError } from '@maestro/core';

import type { Finding } from '../lint/finding.ts';
import { type BatchDatabase, type OpenedParts, openOne } from './batch-database.ts';
import { type BatchPlan, batchPlanOf, type DatabasePlan } from './batch-plan.ts';
import { batchRefused, unsafe } from './errors.ts';
import type { KeptDatabases } from './kept-databases.ts';
import type { BatchPlanOptions } from './migration-batch.ts';
import { type Settled, sideBySide } from './side-by-side.ts';

export interface Batch extends OpenedParts {
  readonly databases: readonly BatchDatabase[];
  readonly concurrency: number;
  readonly lint: ((planned: DatabasePlan) => Promise<readonly Finding[]>) | undefined;
}

/**
 * Plans all databases; throws `MIGRATIONS_BATCH_REFUSED` with everything that is wrong with any of them. Those that will
 * be migrated first are looked at last: as nothing else is to be opened then, they can stay open in `kept`.
 */
export async function checkAll(
  batch: Batch,
  { phase, signal }: BatchPlanOptions,
  kept?: KeptDatabases,
): Promise<BatchPlan> {
  const { databases, concurrency, emit } = batch;
  const first = databases.slice(0, concurrency);
  const waiting = new Set(databases);
  const inOrder = [...databases.slice(concurrency), ...first];
  const settled = await sideBySide(inOrder, { concurrency, signal }, async (database) => {
    waiting.delete(database);
    const { name } = database;
    const opened = await openOne(database, batch);
    let isKept = false;
    try {
      const planned = { name, plan: await opened.migrations.plan({ phase, signal }) };
      const count = planned.plan.migrations.length;
      await refuseUnsafe(batch, database, planned);
      emit({ type: 'database-checked', database: name, planned: count });
      isKept = kept !== undefined && count > 0 && waiting.size === 0 && first.includes(database);
      if (isKept) kept?.keep(name, opened);
      return planned;
    } finally {
      if (!isKept) await opened[Symbol.asyncDispose]();
    }
  });
  signal?.throwIfAborted();
  return planOfAll(
    databases.map((database) => settled[inOrder.indexOf(database)]),
    batch,
  );
}

/** What became of each database is in the order given. */
function planOfAll(settled: readonly (Settled<DatabasePlan> | undefined)[], { databases, emit }: Batch): BatchPlan {
  const refused = settled.flatMap((one, index) => {
    if (one?.kind !== 'threw') return [];
    const { name = '' } = databases[index] ?? {};
    return [{ name, error: reportError(one.error) }];
  });
  for (const { name, error } of refused) emit({ type: 'database-refused', database: name, error: error.message });
  if (refused.length > 0) throw batchRefused(refused, databases.length);
  return batchPlanOf(settled.flatMap((one) => (one?.kind === 'returned' ? [one.result] : [])));
}

async function refuseUnsafe({ lint }: Batch, { service }: BatchDatabase, planned: DatabasePlan): Promise<void> {
  if (lint === undefined || planned.plan.migrations.length === 0) return;
  const errors = (await lint(planned)).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw unsafe(service, errors);
}
