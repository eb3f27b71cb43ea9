import { endingFirst, type InstanceKey, slotsMeanwhile } from '@maestro/bluegreen';

import { concurrently } from './concurrently.ts';
import type { ReleaseRun } from './release-run.ts';

/** Ends what cannot run beside its successor: from here until the switch nobody answers for it. */
export async function endFirst(run: ReleaseRun, signal: AbortSignal): Promise<void> {
  const ending = endingFirst(run.plan.moves);
  if (ending.length === 0) return;
  await run.step('away', () => takeAway(run));
  await retire(run, ending, signal);
}

/** It stays the generation of the release that was live: this one has not taken over yet. */
async function takeAway(run: ReleaseRun): Promise<void> {
  const { generation } = run;
  const slots = slotsMeanwhile(generation, run.plan.moves);
  if (generation === null || slots === null) return;
  const { release, number } = generation;
  run.awaySince = run.parts.clock.monotonic();
  const switched = await run.blueGreen.switchTo({ release, slots, expected: number, fence: run.fence });
  run.generation = switched.generation;
}

/** Lets instances finish their requests, and stops them without removing them. */
export async function retire(
  run: ReleaseRun,
  keys: readonly InstanceKey[],
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await concurrently(keys, signal, async (key, inner) => {
    const { drainTimeoutMs, longLivedTimeoutMs, stopTimeoutMs } = run.timeouts(key.service);
    await run.step(`drain:${key.service}`, async () => {
      // A worker has no requests; its signal lets it finish what it is at.
      if (run.isWorker(key.service)) return;
      const longLivedDeadlineMs = longLivedTimeoutMs ?? undefined;
      await run.blueGreen.drain({ ...key, deadlineMs: drainTimeoutMs, longLivedDeadlineMs, signal: inner });
    });
    await run.step(`stop:${key.service}`, () =>
      run.blueGreen.stop({ ...key, timeoutMs: stopTimeoutMs }, { signal: inner }),
    );
  });
}
