import type { MigrationDirection } from './events.ts';
import { compare } from './plan/comparison.ts';
import { select } from './plan/selection.ts';
import type { HistoryRow } from './ports/migration-database.ts';
import { type ServiceMigrations, withoutVersion } from './service-migrations.ts';

/** Where a service's migrations stand; JSON-safe. */
export interface MigrationStatus {
  readonly service: string;
  /** In the order applied. */
  readonly applied: readonly Omit<HistoryRow, 'version'>[];
  /** Names, by number. */
  readonly pending: readonly string[];
  /** The pending ones that wait for the contract phase: a run passes over them unless it is told to apply them. */
  readonly waiting: readonly string[];
  /** The pending ones that are numbered before an applied one. */
  readonly late: readonly string[];
  /** Names of applied ones whose file has changed since. */
  readonly drifted: readonly string[];
  /** Names of applied ones that have no file. */
  readonly missing: readonly string[];
  readonly unfinished: readonly UnfinishedStatus[];
}

/** A migration of which some statements were kept: the next run, or rollback, goes on after them. */
export interface UnfinishedStatus {
  readonly name: string;
  readonly direction: MigrationDirection;
  readonly done: number;
  readonly total: number;
  /** The statement that is running at this moment, or, if nobody runs it, needs `repair`; null when there is none. */
  readonly unknown: string | null;
}

export async function readStatus(
  { service, files, runner }: ServiceMigrations,
  signal: AbortSignal | undefined,
): Promise<MigrationStatus> {
  const { migrations } = await files();
  const history = await runner.history(signal);
  const comparison = compare(migrations, history);
  const { pending, late, drifted, missing } = comparison;
  const { waiting } = select({ service, comparison, history, phase: 'expand', upTo: Infinity });
  return {
    service,
    applied: history.applied.map(withoutVersion),
    pending: pending.map(({ name }) => name),
    waiting: waiting.map(({ name }) => name),
    late: late.map(({ name }) => name),
    drifted,
    missing,
    unfinished: history.unfinished.map(({ name, direction, done, total, unknown }) => {
      return { name, direction, done, total, unknown: unknown?.sql ?? null };
    }),
  };
}
