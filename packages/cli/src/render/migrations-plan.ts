import type { BatchPlan, DatabasePlan, PlannedMigration } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import type { Style } from './style.ts';

/** The SQL that a run would send, as it stands, what is not SQL as comments; then the hash that stands for all of it. */
export function renderMigrationsPlan(environment: string, { hash, databases }: BatchPlan, { colors }: Style): string {
  if (databases.length === 0) return `No service of ${environment} has a database.`;
  const nothing = databases.every(({ plan }) => plan.migrations.length === 0);
  return [
    ...databases.flatMap((database) => [...databaseLines(database, environment, colors), '']),
    ...(nothing ? ['-- Nothing to apply.'] : []),
    `-- Plan ${hash}`,
    '-- Pass it to migrate run with --plan to run exactly this, or nothing.',
  ].join('\n');
}

function databaseLines({ name, plan }: DatabasePlan, environment: string, colors: Colors): string[] {
  const { migrations, waiting, hooks } = plan;
  const summary = migrations.length === 0 ? 'up to date' : `${migrations.length} to apply`;
  return [
    colors.bold(`-- ${name}: ${summary}`),
    ...waiting.map((waiter) =>
      colors.dim(`-- ${waiter} waits for: maestro migrate run --phase contract -e ${environment}`),
    ),
    ...(hooks === null ? [] : [`-- calls the hooks of ${hooks.path}`]),
    ...migrations.flatMap((migration) => ['', ...migrationLines(migration, colors)]),
  ];
}

function migrationLines({ name, phase, path, late, transaction, done, statements }: PlannedMigration, colors: Colors) {
  const facts = [
    phase,
    transaction ? 'one transaction' : 'no transaction',
    ...(late ? ['late'] : []),
    ...(done === 0 ? [] : [`its first ${done} statements were done before`]),
  ];
  const head = colors.cyan(`-- ${name}: ${facts.join(', ')}`);
  if (statements === null) return [head, `-- runs ${path}`];
  return [head, ...statements.map((sql) => (sql.endsWith(';') ? sql : `${sql};`))];
}
