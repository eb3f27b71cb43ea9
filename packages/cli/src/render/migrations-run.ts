import type { BatchResult, DatabaseResult } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { table } from './table.ts';

/** What a run did on each database, a line each; a failure says why. */
export function renderMigrationsRun(environment: string, { databases }: BatchResult, style: Style): string {
  if (databases.length === 0) return `No service of ${environment} has a database.`;
  return table(databases.map((database) => row(database, style))).join('\n');
}

function row({ name, outcome, applied, error }: DatabaseResult, { colors }: Style): readonly string[] {
  const color = { done: colors.green, failed: colors.red, stopped: colors.yellow, untouched: colors.yellow }[outcome];
  const word = outcome === 'done' && applied.length === 0 ? 'up to date' : outcome;
  const facts = [
    ...(applied.length === 0 ? [] : [`applied ${applied.join(', ')}`]),
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
  ];
  return [colors.bold(name), color(word), facts.join('; ')];
}
