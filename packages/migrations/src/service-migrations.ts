import type { HistoryRow } from './ports/migration-database.ts';
import type { SqlDialect } from './sql/dialect.ts';
import type { StepRunner } from './step-runner.ts';

/** What the operations on one service's migrations work with. */
export interface ServiceMigrations {
  readonly service: string;
  readonly folder: string;
  readonly dialect: SqlDialect;
  readonly runner: StepRunner;
}

/** A history row as callers see it. */
export function withoutVersion(row: HistoryRow): Omit<HistoryRow, 'version'> {
  const { name, checksum, phase, at, durationMs, by, adoptedFrom } = row;
  return { name, checksum, phase, at, durationMs, by, ...(adoptedFrom === undefined ? {} : { adoptedFrom }) };
}
