import type { Clock } from '@maestro/core';

import { ComparedTraffic, type ComparedOptions } from './compared-traffic.ts';
import { type Finding, judge, type Limits } from './plan/judge.ts';
import type { Instance, InstanceKey, Runtime } from './ports/runtime.ts';
import type { TrafficSource } from './ports/traffic.ts';
import { slotName } from './slots.ts';

/** A new version and what it is compared with. */
export type Watched = Pick<ComparedOptions, 'service' | 'slot' | 'before'>;

export interface VersionJudgeOptions extends Pick<ComparedOptions, 'compareWith' | 'sinceMs'> {
  readonly watched: Watched;
  readonly runtime: Runtime;
  /** Null where only the end of an instance can be seen. */
  readonly traffic: TrafficSource | null;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** What one look at a new version showed. */
export interface Verdict extends InstanceKey {
  readonly findings: readonly Finding[];
  /** Whether there were enough requests to judge it by. */
  readonly judged: boolean;
}

/** Looks at a new version, again and again: some things only show from one look to the next. */
export class VersionJudge {
  readonly #options: VersionJudgeOptions;
  readonly #traffic: ComparedTraffic | null;
  #restartsBefore: number | null = null;
  #down = false;

  constructor(options: VersionJudgeOptions) {
    const { watched, traffic, limits } = options;
    this.#options = options;
    this.#traffic =
      traffic === null ? null : new ComparedTraffic({ ...options, ...watched, traffic, warmUpMs: limits.warmUpMs });
  }

  get name(): string {
    return slotName(this.#options.watched);
  }

  async look(signal: AbortSignal): Promise<Verdict> {
    const { watched, runtime, limits, clock } = this.#options;
    const { service, slot } = watched;
    const instances = await runtime.observe({ signal });
    const ended = this.#judgeInstance(instances.find((one) => slotName(one) === this.name));
    if (ended.length > 0) return { service, slot, findings: ended, judged: true };
    const spans = (await this.#traffic?.until(clock.now(), signal)) ?? [];
    const seen = spans.map((halves) => judge(halves, limits));
    const worse = seen.find(({ findings }) => findings.length > 0);
    return { service, slot, findings: worse?.findings ?? [], judged: seen.some(({ judged }) => judged) };
  }

  #judgeInstance(instance: Instance | undefined): readonly Finding[] {
    const { sinceMs, limits } = this.#options;
    if (instance?.state !== 'running') {
      // Between an end and the restart that follows it there is a moment in which nothing runs.
      const known = this.#down;
      this.#down = true;
      return known ? [{ kind: 'down', detail: `it ended with ${instance?.exit ?? 'no reason given'}` }] : [];
    }
    this.#down = false;
    const { restarts, startedAt } = instance;
    // One that started after it got its traffic was started again at least once since.
    this.#restartsBefore ??= Date.parse(startedAt) > sinceMs ? restarts - 1 : restarts;
    const since = restarts - this.#restartsBefore;
    return since > limits.restarts ? [{ kind: 'restarts', detail: `it was started again ${since} times` }] : [];
  }
}
