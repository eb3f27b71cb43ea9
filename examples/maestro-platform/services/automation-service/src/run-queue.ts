import { randomUUID } from 'node:crypto';

/** One run of the automation, as its callers see it. */
interface Run {
  readonly id: string;
  readonly templateId: number;
  readonly state: 'waiting' | 'running' | 'published' | 'rejected' | 'failed';
  /** What came of it, in words; null before. */
  readonly detail: string | null;
}

export type RunResult = Pick<Run, 'detail'> & { readonly state: 'published' | 'rejected' };

export interface RunQueue {
  add(templateId: number): Run;
  find(id: string): Run | undefined;
  /** Newest first. */
  list(): readonly Run[];
  /** Resolves once nothing waits and nothing runs. */
  idle(): Promise<void>;
}

const keptRuns = 1000;

/** Works on one run after the other. What it has taken it finishes, also when the service has been asked to stop. */
export function createRunQueue(work: (templateId: number) => Promise<RunResult>): RunQueue {
  const runs = new Map<string, Run>();
  let last: Promise<void> = Promise.resolve();

  const perform = async (run: Run) => {
    runs.set(run.id, { ...run, state: 'running' });
    try {
      runs.set(run.id, { ...run, ...(await work(run.templateId)) });
    } catch (error) {
      runs.set(run.id, { ...run, state: 'failed', detail: error instanceof Error ? error.message : String(error) });
    }
  };

  return {
    add(templateId) {
      const run: Run = { id: randomUUID(), templateId, state: 'waiting', detail: null };
      runs.set(run.id, run);
      const [oldest] = runs.keys();
      if (oldest !== undefined && runs.size > keptRuns) runs.delete(oldest);
      last = last.then(() => perform(run));
      return run;
    },
    find: (id) => runs.get(id),
    list: () => [...runs.values()].reverse(),
    idle: () => last,
  };
}
