import { expandFirst } from '../errors.ts';
import type { Phase } from '../files/directives.ts';
import type { Migration } from '../files/load-folder.ts';
import type { MigrationHistory } from '../ports/migration-database.ts';
import type { Comparison } from './comparison.ts';

/** Which migrations a run applies. */
export type RunPhase = Phase | 'all';

export interface Selection {
  /** By number. */
  readonly chosen: readonly Migration[];
  /** Contract migrations that are passed over, by number. */
  readonly waiting: readonly Migration[];
}

export interface SelectionOptions {
  readonly service: string;
  readonly comparison: Comparison;
  readonly history: MigrationHistory;
  readonly phase: RunPhase;
  /** The number of the last one to apply. */
  readonly upTo: number;
}

/**
 * Chooses from what is pending. An expand run passes over contract migrations, also in front of expand migrations, for
 * they wait until the version before is gone. Where nothing was ever applied there is no version before, so it applies
 * all of them in their order. A contract run throws `MIGRATIONS_EXPAND_FIRST` while an expand migration is pending in
 * front of one that it would apply.
 */
export function select({ service, comparison, history, phase, upTo }: SelectionOptions): Selection {
  const { pending } = comparison;
  const within = pending.filter(({ number }) => number <= upTo);
  const isNew = history.applied.length === 0 && history.unfinished.length === 0;
  if (phase === 'all' || (phase === 'expand' && isNew)) return { chosen: within, waiting: [] };

  const chosen = within.filter(({ directives }) => directives.phase === phase);
  if (phase === 'contract') refusePendingExpands(service, chosen, pending);
  const waiting = pending.filter((one) => one.directives.phase === 'contract' && !chosen.includes(one));
  return { chosen, waiting };
}

function refusePendingExpands(service: string, chosen: readonly Migration[], pending: readonly Migration[]): void {
  const last = chosen.at(-1);
  if (last === undefined) return;
  const before = pending.filter(({ number, directives }) => number < last.number && directives.phase === 'expand');
  if (before.length > 0) {
    throw expandFirst(
      service,
      last.name,
      before.map(({ name }) => name),
    );
  }
}
