import type { JobStatus } from '../environment.ts';
import type { JournalEntry } from '../journal/journal.ts';
import type { Parts } from './parts.ts';

// A job that is still in use runs in every release.
const searched = 20;

type StepEntry = Extract<JournalEntry, { readonly step: string }>;

/** How a job went when it last ran, as the journals of the newest releases tell. */
export async function lastRunOf({ journals }: Pick<Parts, 'journals'>, name: string): Promise<JobStatus> {
  for (const release of await journals.newest(searched)) {
    const entries = await journals.entries(release);
    const own = entries.filter((entry): entry is StepEntry => 'step' in entry && entry.step === `job:${name}`);
    const last = own.at(-1);
    if (last === undefined) continue;
    const state = states[last.type];
    const reason = last.type === 'step-failed' ? last.message : null;
    return { name, last: { release, state, at: last.at, reason } };
  }
  return { name, last: null };
}

const states = { 'step-started': 'running', 'step-finished': 'done', 'step-failed': 'failed' } as const;
