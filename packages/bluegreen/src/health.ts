import { type Clock, poll } from '@maestro/core';

import { askInstance, type Probes, type Sighting } from './ask-instance.ts';
import type { BlueGreenError } from './errors.ts';
import type { BlueGreenEvent } from './events.ts';
import type { HealthCheck } from './health-check.ts';
import { crashedWhileProbed, unhealthyInTime } from './health-failure.ts';
import type { Instance, InstanceKey, Runtime } from './ports/runtime.ts';
import type { Router } from './ports/router.ts';
import { slotName } from './slots.ts';

export interface HealthOptions {
  readonly key: InstanceKey;
  readonly check: HealthCheck;
  /** The Host that outsiders use; probes carry it. */
  readonly host: string | null;
  readonly runtime: Runtime;
  /** Null for a service without traffic. */
  readonly router: Router | null;
  readonly probes: Probes;
  readonly clock: Clock;
  readonly emit: (event: BlueGreenEvent) => void;
  /** Takes secrets out of what an instance printed before it is shown. */
  readonly scrub: (text: string) => string;
  readonly signal?: AbortSignal | undefined;
}

/** What is known after a look: how often in a row it went well or not, and whether that ends the wait. */
interface Look {
  readonly sighting: Sighting | Ended;
  readonly final: boolean;
}

interface Ended {
  readonly healthy: false;
  readonly reason: 'crashed' | 'gone';
  readonly detail: string;
}

// Stack traces of Node begin with what matters, and take fifteen lines where a module is missing.
const shownLogLines = 20;
const shownCharacters = 300;

/**
 * Asks an instance, first each replica directly, then through the router as an outsider would, until all is well.
 * Throws `BLUEGREEN_CRASHED` as soon as the instance ended or was started again, `BLUEGREEN_HEALTH_TIMEOUT` with the last
 * reason, `BLUEGREEN_CHECK_UNSUPPORTED`.
 */
export async function waitUntilHealthy(options: HealthOptions): Promise<void> {
  const { key, check, clock, emit, scrub, signal } = options;
  const start = clock.monotonic();
  const seen = { successes: 0, failures: 0, restarts: undefined as number | undefined, detail: '' };

  const outcome = await poll<Look>({
    probe: async (inner) => {
      const instance = await find(options, inner);
      seen.restarts ??= instance?.restarts;
      const ended = endOf(instance, seen.restarts);
      if (ended !== null || instance === undefined) return { sighting: scrubbed(ended ?? gone, scrub), final: true };
      const sighting = await askInstance({ ...options, instance, signal: inner });
      if (sighting.healthy) {
        seen.successes += 1;
        seen.failures = 0;
        return { sighting, final: seen.successes >= (check.successes ?? 1) };
      }
      const shown = scrubbed(sighting, scrub);
      if (shown.detail !== seen.detail) emit({ type: 'probe-failed', ...key, detail: shown.detail });
      seen.detail = shown.detail;
      seen.successes = 0;
      // A HEALTHCHECK that has said nothing yet has not failed.
      const counts = shown.reason !== 'starting' && clock.monotonic() - start >= (check.startPeriodMs ?? 0);
      if (counts) seen.failures += 1;
      return { sighting: shown, final: seen.failures >= (check.failures ?? Infinity) };
    },
    accept: ({ final }) => final,
    intervalMs: check.intervalMs,
    deadlineMs: check.deadlineMs,
    clock,
    signal,
  });

  const last = outcome.value?.sighting;
  const elapsedMs = Math.round(clock.monotonic() - start);
  if (!outcome.accepted || last?.healthy !== true) throw await failureOf(options, last, elapsedMs);
  emit({ type: 'healthy', ...key, attempts: outcome.attempts, elapsedMs });
}

const gone: Ended = { healthy: false, reason: 'gone', detail: 'there is no such instance' };

async function find({ runtime, key }: HealthOptions, signal: AbortSignal): Promise<Instance | undefined> {
  return (await runtime.observe({ signal })).find((one) => slotName(one) === slotName(key));
}

function endOf(instance: Instance | undefined, restartsBefore: number | undefined): Ended | null {
  if (instance === undefined) return gone;
  const how = instance.exit ?? 'no reason given';
  if (instance.state !== 'running') return { healthy: false, reason: 'crashed', detail: `it ended with ${how}` };
  if (instance.restarts <= (restartsBefore ?? 0)) return null;
  return { healthy: false, reason: 'crashed', detail: 'it ended and was started again' };
}

/** A secret is taken out before the end is cut off. */
function scrubbed<T extends { readonly detail: string }>(sighting: T, scrub: (text: string) => string): T {
  return { ...sighting, detail: scrub(sighting.detail).slice(0, shownCharacters) };
}

async function failureOf(
  options: HealthOptions,
  last: Look['sighting'] | undefined,
  elapsedMs: number,
): Promise<BlueGreenError> {
  const { key, check, runtime, scrub } = options;
  // As one text: a secret may go over several lines.
  const log = scrub((await runtime.logs({ ...key, lines: shownLogLines })).join('\n'));
  const printed = log === '' ? [] : log.split('\n');
  if (last?.healthy === false && (last.reason === 'crashed' || last.reason === 'gone')) {
    return crashedWhileProbed(key, { reason: last.reason, detail: last.detail, printed });
  }
  return unhealthyInTime(key, {
    check,
    last: last?.healthy === false && 'way' in last ? last : null,
    well: last?.healthy === true,
    elapsedMs,
    printed,
  });
}
