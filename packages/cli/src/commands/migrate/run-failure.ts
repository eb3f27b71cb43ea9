import type { BatchResult } from '@maestro/orchestrator';

import { CliError } from '../../errors.ts';

/** Why a run did not get everywhere; undefined for one that did. */
export function runFailure({ databases }: BatchResult, signal: AbortSignal): CliError | undefined {
  const unfinished = databases.filter(({ outcome }) => outcome !== 'done');
  if (unfinished.length === 0) return undefined;
  const failed = unfinished.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0 && signal.aborted) return signal.reason as CliError;
  const names = failed.map(({ name }) => name);
  const hints = new Set(failed.flatMap(({ error }) => error?.hint ?? []));
  const [hint = ''] = hints;
  const message = `${failed.length} of ${databases.length} databases are not done: ${names.join(', ')}`;
  return new CliError('CLI_MIGRATIONS_FAILED', message, {
    hint: hints.size === 1 ? hint : 'correct what each line says and run again: only what is left runs',
    details: { databases: names },
  });
}
