import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import type { BatchEvent } from '../events.ts';
import type { Finding } from '../lint/finding.ts';
import { readEachFolderOnce } from '../migration-files.ts';
import type { PlanOptions, StatusOptions } from '../migrations.ts';
import type { BatchDatabase } from './batch-database.ts';
import type { BatchPlan, DatabasePlan } from './batch-plan.ts';
import { type BatchStatus, readBatchStatus } from './batch-status.ts';
import { checkAll } from './check-all.ts';
import { type BatchResult, runBatch } from './run-batch.ts';

export interface MigrationBatchOptions {
  readonly databases: readonly BatchDatabase[];
  /** How many databases are worked on, and open, at once; 10 by default. */
  readonly concurrency?: number | undefined;
  /** What the linter says about what would run on a database; an error among it refuses the batch. */
  readonly lint?: ((planned: DatabasePlan) => Promise<readonly Finding[]>) | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly onEvent?: Observer<BatchEvent> | undefined;
}

export type BatchPlanOptions = Pick<PlanOptions, 'phase' | 'signal'>;

export interface BatchRunOptions extends BatchPlanOptions {
  /** The hash of the plan over all databases to carry out; another one is refused. */
  readonly planHash?: string | undefined;
}

/** The migrations of all databases of an environment. */
export interface MigrationBatch {
  /**
   * What `run` would do; changes nothing. Throws `MIGRATIONS_BATCH_REFUSED` with what is wrong with each database that
   * cannot be reached or migrated.
   */
  plan(options?: BatchPlanOptions): Promise<BatchPlan>;

  /**
   * Checks all databases, and when nothing is wrong with any of them applies what is pending on each. What fails on one
   * stops no other, and is in the result; the next run touches only what is left.
   * Aborting the signal begins no further migration, and the result says what was done. Throws what `plan` throws, or
   * `MIGRATIONS_PLAN_CHANGED`, before it touches anything.
   */
  run(options?: BatchRunOptions): Promise<BatchResult>;

  /** Where each database stands, or why that cannot be told. */
  status(options?: StatusOptions): Promise<BatchStatus>;
}

const usualConcurrency = 10;

/** Opens no database before the first call, and keeps none open after it. */
export function openMigrationBatch(options: MigrationBatchOptions): MigrationBatch {
  const { databases, concurrency = usualConcurrency, onEvent, lint } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency is ${concurrency}, expected a whole number from 1 on`);
  }
  const names = databases.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) throw new RangeError(`two databases of a batch are named '${repeated}'`);

  const emit = createEmitter<BatchEvent>({ onEvent, clock, logger });
  // The files of a folder are those of all its databases, and what was checked is what is run.
  const batch = () => ({ databases, concurrency, lint, clock, logger, emit, readFiles: readEachFolderOnce() });
  return {
    plan: (planOptions = {}) => checkAll(batch(), planOptions),
    run: (runOptions = {}) => runBatch(batch(), runOptions),
    status: ({ signal } = {}) => readBatchStatus(batch(), signal),
  };
}
