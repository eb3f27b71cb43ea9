import { badTarget } from '../errors.ts';
import type { HistoryRow } from '../ports/migration-database.ts';

/** How far to go back. */
export type RollbackTarget =
  | {
      /** How many migrations to revert; all of them when there are fewer. */
      readonly steps: number;
    }
  | {
      /** The name of the applied migration to stop before: everything applied after it is reverted, it stays. */
      readonly to: string;
    };

/** What to revert, the last applied first; throws `MIGRATIONS_BAD_TARGET`. */
export function rowsToRevert(service: string, history: readonly HistoryRow[], target: RollbackTarget): HistoryRow[] {
  const newestFirst = history.toReversed();
  if ('to' in target) {
    const kept = newestFirst.findIndex(({ name }) => name === target.to);
    if (kept === -1) throw badTarget(service, `cannot roll back to '${target.to}', expected an applied migration`);
    return newestFirst.slice(0, kept);
  }
  if (!Number.isSafeInteger(target.steps) || target.steps < 1) {
    throw badTarget(service, `cannot roll back ${target.steps} steps, expected a whole number from 1 on`);
  }
  return newestFirst.slice(0, target.steps);
}
