import type { KnownHooks } from './hooks/hooked-run.ts';
import { type HooksFile, loadHooksFile } from './hooks/hooks-file.ts';
import type { MigrationHooks } from './hooks/migration-hooks.ts';
import type { MigrationFiles } from './migration-files.ts';
import type { HistoryRow } from './ports/migration-database.ts';
import type { SqlDialect } from './sql/dialect.ts';
import type { StepRunner } from './step-runner.ts';

/** What the operations on one service's migrations work with. */
export interface ServiceMigrations {
  readonly service: string;
  readonly folder: string;
  readonly dialect: SqlDialect;
  /** As they are now, or as the batch has seen them. */
  readonly files: () => Promise<MigrationFiles>;
  readonly runner: StepRunner;
  /** Those given in code. */
  readonly hooks: MigrationHooks | undefined;
}

/** The hooks of a run, from the outside in: those given in code, then those of the file beside the migrations. */
export async function loadHooks(
  { folder, hooks }: ServiceMigrations,
  file: HooksFile | undefined,
): Promise<KnownHooks[]> {
  return [
    ...(hooks === undefined ? [] : [{ hooks, file: undefined }]),
    ...(file === undefined ? [] : [{ hooks: await loadHooksFile(folder, file), file: file.path }]),
  ];
}

/** A history row as callers see it. */
export function withoutVersion(row: HistoryRow): Omit<HistoryRow, 'version'> {
  const { name, checksum, phase, at, durationMs, by, adoptedFrom } = row;
  return { name, checksum, phase, at, durationMs, by, ...(adoptedFrom === undefined ? {} : { adoptedFrom }) };
}
