import { createHash } from 'node:crypto';

import type { Phase } from '../files/directives.ts';
import type { Migration } from '../files/load-folder.ts';
import type { HooksFile } from '../hooks/hooks-file.ts';
import type { MigrationHistory } from '../ports/migration-database.ts';
import type { Comparison } from './comparison.ts';
import type { RunPhase, Selection } from './selection.ts';

/** What a run would do; JSON-safe. */
export interface MigrationPlan {
  readonly service: string;
  readonly phase: RunPhase;
  /** Whether the database has had no migration yet: then no running version is in the way. */
  readonly isNew: boolean;
  /** In the order they will be applied. */
  readonly migrations: readonly PlannedMigration[];
  /** Names of contract migrations that are passed over. */
  readonly waiting: readonly string[];
  /** The module beside the migrations whose hooks the run would call; null where there is none, or nothing to apply. */
  readonly hooks: HooksFile | null;
  /** The same for the same migrations, statements, directives and hooks: `run({ planHash })` applies exactly them. */
  readonly hash: string;
}

export interface PlannedMigration {
  readonly name: string;
  readonly phase: Phase;
  readonly path: string;
  readonly checksum: string;
  /** Whether it comes after one with a higher number. */
  readonly late: boolean;
  readonly transaction: boolean;
  /** Null for the database's default. */
  readonly lockTimeoutMs: number | null;
  /** Null for no limit. */
  readonly statementTimeoutMs: number | null;
  /** The SQL of the statements that are left, exactly as it will be sent; null for a TypeScript migration. */
  readonly statements: readonly string[] | null;
  /** How many statements an earlier run has done. */
  readonly done: number;
}

export interface PlanInput {
  readonly service: string;
  readonly phase: RunPhase;
  readonly selection: Selection;
  readonly comparison: Comparison;
  readonly history: MigrationHistory;
  readonly hooksFile: HooksFile | undefined;
}

export function planOf({ service, phase, selection, comparison, history, hooksFile }: PlanInput): MigrationPlan {
  const migrations = selection.chosen.map((migration): PlannedMigration => {
    const { name, checksum, directives } = migration;
    const done = history.unfinished.find((one) => one.name === name)?.done ?? 0;
    return {
      name,
      phase: directives.phase,
      path: pathOf(migration),
      checksum,
      late: comparison.late.includes(migration),
      transaction: directives.transaction,
      lockTimeoutMs: directives.lockTimeoutMs ?? null,
      statementTimeoutMs: directives.statementTimeoutMs ?? null,
      statements: migration.kind === 'sql' ? migration.up.statements.slice(done).map(({ sql }) => sql) : null,
      done,
    };
  });
  const hooks = (migrations.length === 0 ? undefined : hooksFile) ?? null;
  return {
    service,
    phase,
    isNew: history.applied.length + history.unfinished.length === 0,
    migrations,
    waiting: selection.waiting.map(({ name }) => name),
    hooks,
    hash: hashOf(service, migrations, hooks),
  };
}

/** Where the files are does not count, for a plan is made in one place and carried out in another. */
function hashOf(service: string, migrations: readonly PlannedMigration[], hooks: HooksFile | null): string {
  const counted = migrations.map((migration) => ({ ...migration, path: undefined, late: undefined }));
  return createHash('sha256')
    .update(JSON.stringify([service, counted, ...(hooks === null ? [] : [hooks.checksum])]))
    .digest('hex');
}

function pathOf(migration: Migration): string {
  return migration.kind === 'sql' ? migration.up.path : migration.path;
}
