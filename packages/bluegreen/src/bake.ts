import { goBack } from './go-back.ts';
import { type Generation, liveSlot } from './plan/generation.ts';
import type { Limits } from './plan/judge.ts';
import type { InstanceKey, Runtime } from './ports/runtime.ts';
import type { SwitchRequest } from './ports/router.ts';
import { slotName } from './slots.ts';
import type { Verdict, Watched } from './version-judge.ts';
import { type WatchParts, watchVersions } from './watch.ts';

export interface BakeOptions extends Pick<SwitchRequest, 'fence'> {
  /** What the switch made. The bake is counted from its time on: where a deployer was cut off, what is left is watched. */
  readonly generation: Generation;
  /** The generation before it, whose instances still run. */
  readonly previous: Generation;
  readonly bakeMs: number;
  /** Between two looks; 1,000 by default. */
  readonly intervalMs?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a bake ended. `kept`: nothing was found; `unjudged` names services that had too few requests to be judged by.
 * `returned`: the traffic is back where it was. `stranded`: something was found, but what would get the traffic does not run.
 */
export type BakeOutcome =
  | { readonly kind: 'kept'; readonly unjudged: readonly string[] }
  | { readonly kind: 'returned'; readonly generation: Generation; readonly worse: readonly Verdict[] }
  | { readonly kind: 'stranded'; readonly missing: readonly InstanceKey[]; readonly worse: readonly Verdict[] };

/**
 * Watches what a switch moved while the versions before stay warm, and switches back as soon as one is worse than its
 * limits allow. Aborted by its signal it leaves the traffic where it is. Throws `BLUEGREEN_GENERATION_MOVED`.
 */
export async function bake(parts: WatchParts, options: BakeOptions): Promise<BakeOutcome> {
  const { runtime, emit } = parts;
  const { generation, previous, bakeMs, fence } = options;
  const watched = movedBetween(previous, generation);
  const services = watched.map(({ service }) => service);
  emit({ type: 'bake-started', services, bakeMs });

  const { worse, unjudged } = await watchVersions(parts, {
    ...options,
    watched,
    // All traffic has moved: the version before is known by what it did before that.
    compareWith: 'time-before',
    forMs: bakeMs,
  });
  if (worse.length === 0) {
    emit({ type: 'bake-finished', services, unjudged });
    return { kind: 'kept', unjudged };
  }
  const missing = await notRunning(runtime, watched);
  if (missing.length > 0) return { kind: 'stranded', missing, worse };
  const { release, slots } = previous;
  const back = await goBack(parts, services, { release, slots, expected: generation.number, fence });
  return { kind: 'returned', generation: back, worse };
}

/** What got its traffic by a switch. */
function movedBetween(previous: Generation, generation: Generation): readonly Watched[] {
  return Object.entries(generation.slots).flatMap(([service, slot]) => {
    const before = liveSlot(previous, service) ?? null;
    return before === slot ? [] : [{ service, slot, before }];
  });
}

/** Those of the versions before that could not answer. */
async function notRunning(runtime: Runtime, watched: readonly Watched[]): Promise<readonly InstanceKey[]> {
  const instances = await runtime.observe();
  const running = new Set(instances.filter(({ state }) => state === 'running').map(slotName));
  const needed = watched.flatMap(({ service, before }) => (before === null ? [] : [{ service, slot: before }]));
  return needed.filter((key) => !running.has(slotName(key)));
}
