import { reportError } from '@maestro/core';

import type { Finding } from '../lint/finding.ts';
import { type BatchDatabase, type OpenedParts, withDatabase } from './batch-database.ts';
import { type BatchPlan, batchPlanOf, type DatabasePlan } from './batch-plan.ts';
import { batchRefused, unsafe } from './errors.ts';
import type { BatchPlanOptions } from './migration-batch.ts';
import { sideBySide } from './side-by-side.ts';

export interface Batch extends OpenedParts {
  readonly databases: readonly BatchDatabase[];
  readonly concurrency: number;
  readonly lint: ((planned: DatabasePlan) => Promise<readonly Finding[]>) | undefined;
}

/** Plans all databases; throws `MIGRATIONS_BATCH_REFUSED` with everything that is wrong with any of them. */
export async function checkAll(batch: Batch, { phase, signal }: BatchPlanOptions): Promise<BatchPlan> {
  const { databases, concurrency, emit } = batch;
  const checked = await sideBySide(databases, { concurrency, signal }, async (database) => {
    const plan = await withDatabase(database, batch, ({ migrations }) => migrations.plan({ phase, signal }));
    const planned = { name: database.name, plan };
    await refuseUnsafe(batch, database, planned);
    emit({ type: 'database-checked', database: database.name, planned: plan.migrations.length });
    return planned;
  });
  signal?.throwIfAborted();

  const refused = checked.flatMap((one, index) => {
    if (one.kind !== 'threw') return [];
    const { name = '' } = databases[index] ?? {};
    return [{ name, error: reportError(one.error) }];
  });
  for (const { name, error } of refused) emit({ type: 'database-refused', database: name, error: error.message });
  if (refused.length > 0) throw batchRefused(refused, databases.length);
  return batchPlanOf(checked.flatMap((one) => (one.kind === 'returned' ? [one.result] : [])));
}

async function refuseUnsafe({ lint }: Batch, { service }: BatchDatabase, planned: DatabasePlan): Promise<void> {
  if (lint === undefined || planned.plan.migrations.length === 0) return;
  const errors = (await lint(planned)).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw unsafe(service, errors);
}
