import type { KnownHooks } from './hooks/hooked-run.ts';
import type { LockedRunner } from './locked-runner.ts';
import type { HistoryRow, MigrationHistory } from './ports/migration-database.ts';
import type { ChosenStep } from './step-runner.ts';

export interface PerformOptions {
  readonly history: MigrationHistory;
  readonly hooks: readonly KnownHooks[];
  /** Aborting it begins no further migration. */
  readonly stop?: AbortSignal | undefined;
}

/** Performs migrations of one direction, in order, between the hooks of the run; calls none where there is nothing to do. */
export async function performAll(
  locked: LockedRunner,
  chosen: readonly ChosenStep[],
  { history, hooks, stop }: PerformOptions,
): Promise<HistoryRow[]> {
  const [first] = chosen;
  if (first === undefined || stop?.aborted === true) return [];
  const rows: HistoryRow[] = [];
  const hooked = locked.hooked(hooks, first.direction);
  const planned = chosen.map(({ migration: { name, directives } }) => ({ name, phase: directives.phase }));
  await hooked.around(planned, async (onPerformed) => {
    await locked.oneByOne(chosen, async (step) => {
      if (stop?.aborted === true) return;
      const before = history.unfinished.find(({ name }) => name === step.migration.name);
      const row = await locked.perform(step, before, hooked);
      rows.push(row);
      onPerformed({ name: row.name, phase: row.phase });
    });
  });
  return rows;
}
