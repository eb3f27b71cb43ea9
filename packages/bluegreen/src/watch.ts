import { type Clock, type Logger, messageOf, poll, withDeadline } from '@maestro/core';

import { generationMoved, trafficUnreadable } from './errors.ts';
import type { BlueGreenEvent } from './events.ts';
import type { Generation } from './plan/generation.ts';
import { defaultLimits, type Limits } from './plan/judge.ts';
import type { Runtime } from './ports/runtime.ts';
import type { Router } from './ports/router.ts';
import type { TrafficSource } from './ports/traffic.ts';
import { type Verdict, VersionJudge, type VersionJudgeOptions, type Watched } from './version-judge.ts';

/** What new versions are watched with. */
export interface WatchParts {
  readonly runtime: Runtime;
  readonly router: Router;
  /** Null where only the ends of instances can be seen. */
  readonly traffic: TrafficSource | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: BlueGreenEvent) => void;
}

export interface WatchOptions {
  /** Watched from its own time on, so that a deployer goes on where the one before was cut off. */
  readonly generation: Generation;
  readonly watched: readonly Watched[];
  readonly compareWith: VersionJudgeOptions['compareWith'];
  readonly forMs: number;
  /** Between two looks; 1,000 by default. */
  readonly intervalMs?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Watching {
  /** What is worse than its limits allow; with the first such finding the watching ends. */
  readonly worse: readonly Verdict[];
  /** Services that had too few requests to be judged by. */
  readonly unjudged: readonly string[];
  /** Why a service was never seen at all; null where each was. */
  readonly blind: Error | null;
}

const lookDeadlineMs = 5_000;

/** Watches new versions until one is found worse or the time is over. Throws `BLUEGREEN_GENERATION_MOVED`. */
export async function watchVersions(parts: WatchParts, options: WatchOptions): Promise<Watching> {
  const { clock, router, emit } = parts;
  const { generation, forMs, intervalMs = 1_000, signal } = options;
  const sinceMs = Date.parse(generation.at);
  const limits = { ...defaultLimits, ...options.limits };
  const looks = options.watched.map((watched) => {
    const judge = new VersionJudge({ ...parts, ...options, watched, sinceMs, limits });
    return { service: watched.service, judge, seen: false, judged: false, failure: null as Error | null };
  });

  const outcome = await poll<readonly Verdict[]>({
    probe: async (inner) => {
      await mustBeLive(router, generation);
      const verdicts = looks.map(async (look) => {
        const verdict = await lookInTime(parts, look.judge, inner);
        if (verdict instanceof Error) {
          look.failure = verdict;
          return [];
        }
        look.seen = true;
        look.judged ||= verdict.judged;
        return verdict.findings.length > 0 ? [verdict] : [];
      });
      return (await Promise.all(verdicts)).flat();
    },
    accept: (worse) => worse.length > 0,
    intervalMs,
    deadlineMs: Math.max(0, sinceMs + forMs - clock.now()),
    clock,
    signal,
  });
  const worse = outcome.accepted ? outcome.value : [];
  for (const { service, slot, findings } of worse) {
    for (const { kind, detail } of findings) emit({ type: 'found-worse', service, slot, kind, detail });
  }
  return {
    worse,
    unjudged: looks.filter(({ judged }) => !judged).map(({ service }) => service),
    blind: looks.find(({ seen }) => !seen)?.failure ?? null,
  };
}

/** A look that fails finds nothing: what cannot be seen at the moment is no reason to go back. */
async function lookInTime(
  { clock, logger }: WatchParts,
  judge: VersionJudge,
  signal: AbortSignal,
): Promise<Verdict | Error> {
  const onExpired = () =>
    trafficUnreadable('its source', `no answer in ${lookDeadlineMs} ms`, 'see whether it runs and is not overloaded');
  try {
    return await withDeadline((inner) => judge.look(inner), { deadlineMs: lookDeadlineMs, clock, signal, onExpired });
  } catch (error) {
    signal.throwIfAborted();
    logger.warn('a new version could not be judged', { instance: judge.name, reason: messageOf(error) });
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** Somebody else's switch must be neither judged nor undone. */
async function mustBeLive(router: Router, { number }: Generation): Promise<void> {
  const live = (await router.generation())?.number ?? null;
  if (live !== number) throw generationMoved({ expected: number, live });
}
