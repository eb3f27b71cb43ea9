import { type ErrorReport, reportError } from '@maestro/core';

import type { MigrationStatus } from '../status.ts';
import { openOne } from './batch-database.ts';
import type { Batch } from './check-all.ts';
import { sideBySide } from './side-by-side.ts';

/** Where all databases stand, in the order given; JSON-safe. */
export interface BatchStatus {
  readonly databases: readonly DatabaseStatus[];
}

export type DatabaseStatus =
  | { readonly name: string; readonly status: MigrationStatus }
  | {
      readonly name: string;
      /** Why it cannot be told. */
      readonly error: ErrorReport;
    };

export async function readBatchStatus(batch: Batch, signal: AbortSignal | undefined): Promise<BatchStatus> {
  const { databases, concurrency } = batch;
  const read = await sideBySide(databases, { concurrency, signal }, async (database) => {
    await using opened = await openOne(database, batch);
    return await opened.migrations.status({ signal });
  });
  signal?.throwIfAborted();
  return {
    databases: databases.map(({ name }, index): DatabaseStatus => {
      const one = read[index];
      if (one?.kind === 'returned') return { name, status: one.result };
      return { name, error: reportError(one?.kind === 'threw' ? one.error : undefined) };
    }),
  };
}
