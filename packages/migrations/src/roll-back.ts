import { conflict, irreversible } from './errors.ts';
import type { Migration } from './files/load-folder.ts';
import type { RollbackResult } from './migrations.ts';
import { performAll } from './perform-all.ts';
import { type RollbackTarget, rowsToRevert } from './plan/rollback-target.ts';
import type { HistoryRow, MigrationHistory } from './ports/migration-database.ts';
import { loadHooks, type ServiceMigrations } from './service-migrations.ts';
import { loadStep } from './step.ts';
import { type ChosenStep, refuseUnfinished } from './step-runner.ts';

export async function rollBack(
  all: ServiceMigrations,
  target: RollbackTarget,
  signal: AbortSignal | undefined,
): Promise<RollbackResult> {
  const { service, files, runner } = all;
  const { migrations, hooksFile } = await files();
  const rows = rowsToRevert(service, (await runner.history(signal)).applied, target);
  const steps = await loadDowns(service, rows, migrations);
  if (steps.length === 0) return { reverted: [] };
  const hooks = await loadHooks(all, hooksFile);

  return runner.locked(async (locked) => {
    const history = await locked.history();
    refuseUnfinished(service, history, 'down');
    const left = steps.filter(({ migration }) => history.applied.some(({ name }) => name === migration.name));
    refuseNewer(service, left, history);
    const rows = await performAll(locked, left, { history, hooks });
    return { reverted: rows.map(({ name }) => name) };
  }, signal);
}

async function loadDowns(
  service: string,
  rows: readonly HistoryRow[],
  migrations: readonly Migration[],
): Promise<ChosenStep[]> {
  const reasons: string[] = [];
  const chosen: ChosenStep[] = [];
  for (const row of rows) {
    const loaded = await loadDown(row, migrations);
    if (typeof loaded === 'string') reasons.push(loaded);
    else chosen.push(loaded);
  }
  if (reasons.length > 0) throw irreversible(service, reasons);
  return chosen;
}

async function loadDown({ name, phase }: HistoryRow, migrations: readonly Migration[]): Promise<ChosenStep | string> {
  // Even where it has a down: what it removed is gone, and the version before would go on without it.
  if (phase === 'contract') return `${name} is a contract migration: what it removed cannot be brought back`;
  const migration = migrations.find((one) => one.name === name);
  if (migration === undefined) return `${name} has no file`;
  const step = await loadStep(migration, 'down');
  return typeof step === 'string' ? step : { migration, direction: 'down', step, late: false, passedOver: [] };
}

/** Somebody else may have applied something meanwhile; what somebody else has reverted is passed over. */
function refuseNewer(service: string, steps: readonly ChosenStep[], { applied }: MigrationHistory): void {
  const expected = steps[0]?.migration.name;
  const newest = applied.at(-1)?.name;
  if (expected !== undefined && newest !== undefined && newest !== expected) throw conflict(service, expected, newest);
}
