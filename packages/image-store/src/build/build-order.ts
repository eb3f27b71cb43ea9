import { ImageStoreError } from '../errors.ts';

/** Something to do once others are done. */
export interface Task {
  readonly name: string;
  /** Names of others; those that are no tasks count as done. */
  readonly needs: readonly string[];
}

/** Throws `IMAGE_STORE_BUILD_CYCLE` where tasks wait for one another, with the way around. */
export function checkCycles(tasks: readonly Task[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const checked = new Set<string>();
  const visit = (name: string, trail: readonly string[]) => {
    if (trail.includes(name)) throw buildCycle([...trail.slice(trail.indexOf(name)), name]);
    if (checked.has(name)) return;
    for (const needed of byName.get(name)?.needs ?? []) visit(needed, [...trail, name]);
    checked.add(name);
  };
  for (const { name } of tasks) visit(name, []);
}

function buildCycle(cycle: readonly string[]): ImageStoreError {
  const path = cycle.join(' -> ');
  return new ImageStoreError('IMAGE_STORE_BUILD_CYCLE', `images are needed to build one another: ${path}`, {
    hint: 'take one of these names out of a FROM, a COPY --from or a dependsOn',
    details: { cycle: [...cycle] },
  });
}

/**
 * Works on tasks, each as soon as those it needs are done and at most `concurrency` at once. After a failure no other
 * begins, those under way are aborted and awaited, and the first error is thrown.
 */
export async function runInOrder<T extends Task>(
  tasks: readonly T[],
  work: (task: T, signal: AbortSignal) => Promise<void>,
  { concurrency, signal: outer }: { readonly concurrency: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const pending = new Set(tasks.map(({ name }) => name));
  const waiting = new Set(tasks);
  const running = new Set<Promise<void>>();

  const run = async (task: T) => {
    try {
      await work(task, signal);
      pending.delete(task.name);
    } catch (error) {
      stop.abort(error);
    }
  };
  const start = (task: T) => {
    waiting.delete(task);
    const ended = run(task).finally(() => running.delete(ended));
    running.add(ended);
  };
  while (!signal.aborted && (waiting.size > 0 || running.size > 0)) {
    const ready = [...waiting].filter(({ needs }) => !needs.some((name) => pending.has(name)));
    for (const task of ready.slice(0, Math.max(concurrency, 1) - running.size)) start(task);
    await Promise.race(running);
  }
  await Promise.all(running);
  signal.throwIfAborted();
}
