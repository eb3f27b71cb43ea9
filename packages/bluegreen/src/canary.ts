import { BlueGreenError } from './errors.ts';
import { goBack } from './go-back.ts';
import { canaryPercent, type Generation, liveSlot } from './plan/generation.ts';
import type { Limits } from './plan/judge.ts';
import type { SwitchRequest } from './ports/router.ts';
import type { TrafficSource } from './ports/traffic.ts';
import { otherSlot } from './slots.ts';
import type { Verdict, Watched } from './version-judge.ts';
import { type WatchParts, watchVersions } from './watch.ts';

export interface CanaryStep {
  /** Of a hundred requests for each service; 0 for those alone that its rule names. */
  readonly percent: number;
  readonly forMs: number;
}

export interface CanaryOptions extends Pick<SwitchRequest, 'fence'> {
  /** What is live, without the canary; with it where a deployer was cut off, which is then gone on with. */
  readonly generation: Generation;
  /** Services whose other slots are tried out; their instances are healthy. */
  readonly services: readonly string[];
  readonly steps: readonly CanaryStep[];
  /** Between two looks; 1,000 by default. */
  readonly intervalMs?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A step that went by with too few requests for some services to judge their new versions by. */
export interface UnjudgedStep {
  readonly percent: number;
  readonly services: readonly string[];
}

/**
 * How a canary ended. `passed`: nothing was found at any step, and the last step lasts until the next switch; what has passed
 * without being judged is in `unjudged`. `returned`: all traffic is back where it was.
 */
export type CanaryOutcome =
  | { readonly kind: 'passed'; readonly generation: Generation; readonly unjudged: readonly UnjudgedStep[] }
  | { readonly kind: 'returned'; readonly generation: Generation; readonly worse: readonly Verdict[] };

/** A canary cannot be judged without its traffic. */
export interface CanaryParts extends WatchParts {
  readonly traffic: TrafficSource;
}

/**
 * Gives new versions a growing share of the traffic, and judges each step by their own requests beside those of the live
 * versions at the same time. Whatever goes wrong, its signal too, takes all traffic back. Throws `BLUEGREEN_GENERATION_MOVED`,
 * `BLUEGREEN_TRAFFIC_UNREADABLE`.
 */
export async function canary(parts: CanaryParts, options: CanaryOptions): Promise<CanaryOutcome> {
  const { services, steps, signal } = options;
  let { generation } = options;
  const watched = services.map((service) => besideLive(generation, service));
  const unjudged: UnjudgedStep[] = [];
  try {
    for (const step of steps.slice(stepUnderWay(options))) {
      signal?.throwIfAborted();
      generation = await enter(parts, options, generation, step);
      const {
        worse,
        blind,
        unjudged: unseen,
      } = await watchVersions(parts, {
        ...options,
        generation,
        watched,
        // What troubles both at the same time is not the new version's fault.
        compareWith: 'same-time',
        forMs: step.forMs,
      });
      if (worse.length > 0) return { kind: 'returned', generation: await takeBack(parts, options, generation), worse };
      if (blind !== null) throw blind;
      if (unseen.length > 0) {
        unjudged.push({ percent: step.percent, services: unseen });
        parts.emit({ type: 'canary-unjudged', services: unseen, percent: step.percent });
      }
    }
  } catch (error) {
    // Where somebody else has switched since, nothing of the canary is left to be taken back.
    if ((await parts.router.generation())?.number === generation.number) await takeBack(parts, options, generation);
    throw error;
  }
  return { kind: 'passed', generation, unjudged };
}

/** The first step, or the one that is live already. */
function stepUnderWay({ generation, services, steps }: CanaryOptions): number {
  const isUnderWay = ({ percent }: CanaryStep) =>
    services.every((service) => canaryPercent(generation, service) === percent);
  return Math.max(0, steps.findIndex(isUnderWay));
}

async function enter(
  { router, emit }: CanaryParts,
  { services, fence }: CanaryOptions,
  from: Generation,
  { percent, forMs }: CanaryStep,
): Promise<Generation> {
  emit({ type: 'canary-step', services, percent, forMs });
  if (services.every((service) => canaryPercent(from, service) === percent)) return from;
  const { release, slots, number } = from;
  const steps = Object.fromEntries(services.map((service) => [service, percent]));
  const canaryPercents = { ...from.canaryPercents, ...steps };
  return (await router.switchTo({ release, slots, canaryPercents, expected: number, fence })).generation;
}

async function takeBack(parts: CanaryParts, { services, fence }: CanaryOptions, from: Generation): Promise<Generation> {
  if (services.every((service) => canaryPercent(from, service) === undefined)) return from;
  const { release, slots, number } = from;
  const others = Object.entries(from.canaryPercents ?? {}).filter(([service]) => !services.includes(service));
  const canaryPercents = Object.fromEntries(others);
  return goBack(parts, services, { release, slots, canaryPercents, expected: number, fence });
}

function besideLive(generation: Generation, service: string): Watched {
  const before = liveSlot(generation, service);
  if (before !== undefined) return { service, slot: otherSlot(before), before };
  throw new BlueGreenError(
    'BLUEGREEN_UNKNOWN_SERVICE',
    `${service} is not live: a canary has nothing to stand beside`,
    {
      hint: 'deploy the service without a canary first',
    },
  );
}
