import { drifted, missing } from '../errors.ts';
import { checksumVersion } from '../files/checksum.ts';
import type { Migration } from '../files/load-folder.ts';
import type { HistoryRow, MigrationHistory } from '../ports/migration-database.ts';

/** What the files say against what the history says. */
export interface Comparison {
  /** By number. */
  readonly pending: readonly Migration[];
  /**
   * The pending ones numbered before an applied one. Contract migrations are never late: they are applied after
   * expand migrations of higher numbers.
   */
  readonly late: readonly Migration[];
  /** Names of applied ones whose file has changed. */
  readonly drifted: readonly string[];
  /** Names of applied ones without a file, wholly applied or partly. */
  readonly missing: readonly string[];
}

export function compare(migrations: readonly Migration[], { applied, unfinished }: MigrationHistory): Comparison {
  const files = new Map(migrations.map((migration) => [migration.name, migration]));
  const appliedNames = new Set(applied.map(({ name }) => name));
  const newestApplied = Math.max(...applied.map(({ name }) => Number.parseInt(name, 10)));
  const pending = migrations.filter(({ name }) => !appliedNames.has(name));
  const known = new Set([...appliedNames, ...unfinished.map(({ name }) => name)]);
  return {
    pending,
    late: pending.filter(({ number, directives }) => number < newestApplied && directives.phase === 'expand'),
    drifted: applied.filter((row) => hasChanged(row, files.get(row.name))).map(({ name }) => name),
    missing: [...known].filter((name) => !files.has(name)),
  };
}

/** Throws `MIGRATIONS_MISSING` or `MIGRATIONS_DRIFTED` when the files are not those the history was made with. */
export function refuseDeviation(service: string, comparison: Comparison): void {
  if (comparison.missing.length > 0) throw missing(service, comparison.missing);
  if (comparison.drifted.length > 0) throw drifted(service, comparison.drifted);
}

function hasChanged(row: HistoryRow, file: Migration | undefined): boolean {
  return file !== undefined && row.version === checksumVersion && row.checksum !== file.checksum;
}
