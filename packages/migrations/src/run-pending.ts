import { badFiles, badTarget, planChanged } from './errors.ts';
import type { Migration } from './files/load-folder.ts';
import type { HooksFile } from './hooks/hooks-file.ts';
import type { PlanOptions, RunOptions, RunResult } from './migrations.ts';
import { performAll } from './perform-all.ts';
import { compare, refuseDeviation } from './plan/comparison.ts';
import { type MigrationPlan, planOf } from './plan/migration-plan.ts';
import { select } from './plan/selection.ts';
import type { MigrationHistory } from './ports/migration-database.ts';
import { loadHooks, type ServiceMigrations, withoutVersion } from './service-migrations.ts';
import { loadStep, type Step } from './step.ts';
import { type ChosenStep, refuseUnfinished } from './step-runner.ts';

interface Chooser {
  /** Beside the migrations. */
  readonly hooksFile: HooksFile | undefined;
  readonly choose: (history: MigrationHistory) => ChosenMigrations;
}

interface ChosenMigrations {
  readonly chosen: readonly Migration[];
  readonly plan: MigrationPlan;
}

export async function planPending(migrations: ServiceMigrations, options: PlanOptions): Promise<MigrationPlan> {
  const { choose, hooksFile } = await chooser(migrations, options);
  const history = await knownHistory(migrations, options.signal);
  refuseUnfinished(migrations.service, history, 'up');
  const { chosen, plan } = choose(history);
  if (chosen.length > 0) await loadHooks(migrations, hooksFile);
  await loadUps(migrations, chosen);
  return plan;
}

export async function runPending(migrations: ServiceMigrations, options: RunOptions): Promise<RunResult> {
  const { service, runner } = migrations;
  const { signal, stop } = options;
  const { choose, hooksFile } = await chooser(migrations, options);
  const { chosen, plan } = choose(await knownHistory(migrations, signal));
  if (chosen.length === 0) return { applied: [], waiting: plan.waiting };
  // A module that does not load must stop the run before the migrations in front of it are applied.
  const steps = await loadUps(migrations, chosen);
  const hooks = await loadHooks(migrations, hooksFile);

  return runner.locked(
    async (locked) => {
      // Chosen again: another runner may have been here meanwhile.
      const history = await locked.history();
      refuseUnfinished(service, history, 'up');
      const now = choose(history);
      const ready: ChosenStep[] = [];
      for (const [index, migration] of now.chosen.entries()) {
        const step = steps.get(migration.name) ?? (await loadUp(migrations, migration));
        const late = now.plan.migrations[index]?.late ?? false;
        const passedOver = now.plan.waiting.filter((name) => Number.parseInt(name, 10) < migration.number);
        ready.push({ migration, direction: 'up', step, late, passedOver });
      }
      const rows = await performAll(locked, ready, { history, hooks, stop });
      return { applied: rows.map(withoutVersion), waiting: now.plan.waiting };
    },
    signal,
    stop,
  );
}

/**
 * Of a statement whose outcome nobody knows only the lock's holder can learn it from the database; and somebody else may
 * be at work on it at this moment.
 */
async function knownHistory({ runner }: ServiceMigrations, signal: AbortSignal | undefined): Promise<MigrationHistory> {
  const history = await runner.history(signal);
  const isKnown = history.unfinished.every(({ unknown }) => unknown === undefined);
  return isKnown ? history : runner.locked((locked) => locked.history(), signal);
}

/** Chooses from a history what to apply; the files are read once. */
async function chooser({ service, folder, files }: ServiceMigrations, options: RunOptions): Promise<Chooser> {
  const { to, phase = 'expand', planHash } = options;
  const { migrations, hooksFile } = await files();
  const last = to === undefined ? undefined : migrations.find(({ name }) => name === to);
  if (to !== undefined && last === undefined) throw badTarget(service, `there is no migration '${to}' in ${folder}`);

  const choose = (history: MigrationHistory): ChosenMigrations => {
    const comparison = compare(migrations, history);
    refuseDeviation(service, comparison);
    const selection = select({ service, comparison, history, phase, upTo: last?.number ?? Infinity });
    const plan = planOf({ service, phase, selection, comparison, history, hooksFile });
    if (planHash !== undefined && planHash !== plan.hash) throw planChanged(service, planHash, plan.hash);
    return { chosen: selection.chosen, plan };
  };
  return { hooksFile, choose };
}

async function loadUps(migrations: ServiceMigrations, chosen: readonly Migration[]): Promise<Map<string, Step>> {
  const steps = new Map<string, Step>();
  for (const migration of chosen) steps.set(migration.name, await loadUp(migrations, migration));
  return steps;
}

async function loadUp({ folder }: ServiceMigrations, migration: Migration): Promise<Step> {
  const step = await loadStep(migration, 'up');
  if (typeof step === 'string') throw badFiles(folder, [step]);
  return step;
}
