import { scriptMissing } from '../gates/errors.ts';
import { isAfterSwitch } from '../hooks/run-hooks.ts';
import type { JournalEntry } from '../journal/journal.ts';
import type { ReleaseCalls } from '../plan/plan-release.ts';
import type { ReleaseDefinition } from './release-definition.ts';
import type { Scripts } from './release-run.ts';

type Called = Pick<ReleaseDefinition, 'gates' | 'hooks' | 'jobs'>;

/**
 * What a release that was cut off is still to call: whatever its journal does not say to have been done, so that it is
 * called at least once. Gates that ask new instances are asked again, since these may be others.
 */
export function callsBeforeSwitch({ gates, hooks, jobs }: Called, journal: readonly JournalEntry[]): ReleaseCalls {
  const done = stepsOf(journal, ['step-finished']);
  return {
    gates: gates.filter(({ id, after }) => after === 'probe' || !done.has(id)),
    hooks: hooks.filter(({ id }) => !done.has(id)),
    jobs: jobs.filter((name) => !done.has(`job:${name}`)),
  };
}

/** The same once traffic has moved. A hook that failed there has been told of. */
export function callsAfterSwitch({ hooks }: Pick<Called, 'hooks'>, journal: readonly JournalEntry[]): ReleaseCalls {
  const done = stepsOf(journal, ['step-finished', 'step-failed']);
  return { gates: [], hooks: hooks.filter((hook) => isAfterSwitch(hook) && !done.has(hook.id)), jobs: [] };
}

/** Throws `ORCHESTRATOR_SCRIPT_MISSING` for functions that whoever resumes has not given. */
export function refuseMissingScripts(release: string, { gates, hooks }: ReleaseCalls, scripts: Scripts): void {
  const named = (given: readonly { readonly name: string }[], name: string) => given.some((one) => one.name === name);
  const missing = [
    ...gates.flatMap(({ kind, name }) => (kind === 'function' && !named(scripts.gates, name) ? [name] : [])),
    ...hooks.flatMap((hook) => (hook.kind === 'function' && !named(scripts.hooks, hook.name) ? [hook.name] : [])),
  ];
  if (missing.length > 0) throw scriptMissing(release, missing);
}

function stepsOf(journal: readonly JournalEntry[], types: readonly JournalEntry['type'][]): ReadonlySet<string> {
  return new Set(journal.flatMap((entry) => ('step' in entry && types.includes(entry.type) ? [entry.step] : [])));
}
