import { type Clock, poll } from '@maestro/core';

import { BlueGreenError } from './errors.ts';
import type { BlueGreenEvent } from './events.ts';
import type { Probe, ProbeResult } from './ports/probe.ts';
import type { InstanceKey, Runtime } from './ports/runtime.ts';
import type { Router } from './ports/router.ts';
import { slotName } from './slots.ts';

/** When a new instance counts as healthy. */
export interface HealthCheck {
  readonly path: string;
  /** For one request. */
  readonly timeoutMs: number;
  /** Between two requests. */
  readonly intervalMs: number;
  /** For all of them, from the start of the instance on. */
  readonly deadlineMs: number;
}

export interface HealthOptions {
  readonly key: InstanceKey;
  readonly check: HealthCheck;
  /** The Host that outsiders use; probes through the router carry it. */
  readonly host: string | null;
  readonly runtime: Runtime;
  readonly router: Router;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly emit: (event: BlueGreenEvent) => void;
  /** Takes secrets out of what an instance printed before it is shown. */
  readonly scrub: (text: string) => string;
  readonly signal?: AbortSignal | undefined;
}

type FailedProbe = Extract<ProbeResult, { healthy: false }>;
type Sighting = ProbeResult | { readonly healthy: false; readonly reason: 'crashed' | 'gone'; readonly detail: string };

const shownLogLines = 10;
const shownCharacters = 300;

/**
 * Probes an instance, first directly, then through the router as an outsider would, until both answer well.
 * Throws `BLUEGREEN_CRASHED` as soon as the instance ended, `BLUEGREEN_HEALTH_TIMEOUT` with the last reason at the deadline.
 */
export async function waitUntilHealthy(options: HealthOptions): Promise<void> {
  const { key, check, clock, emit, scrub, signal } = options;
  const start = clock.monotonic();
  let lastDetail = '';
  let throughRouter = false;

  const outcome = await poll<Sighting>({
    probe: async (inner) => {
      let sighting = await look(options, throughRouter, inner);
      if (sighting.healthy && !throughRouter) {
        throughRouter = true;
        sighting = await look(options, throughRouter, inner);
      }
      if (sighting.healthy) return sighting;
      const detail = scrub(sighting.detail).slice(0, shownCharacters);
      if (detail !== lastDetail) emit({ type: 'probe-failed', ...key, detail });
      lastDetail = detail;
      return { ...sighting, detail };
    },
    accept: (sighting) => sighting.healthy || sighting.reason === 'crashed' || sighting.reason === 'gone',
    intervalMs: check.intervalMs,
    deadlineMs: check.deadlineMs,
    clock,
    signal,
  });

  if (outcome.accepted && outcome.value.healthy) {
    emit({ type: 'healthy', ...key, attempts: outcome.attempts, elapsedMs: Math.round(clock.monotonic() - start) });
    return;
  }
  throw await unhealthy(options, outcome.value, throughRouter);
}

async function look(options: HealthOptions, throughRouter: boolean, signal: AbortSignal): Promise<Sighting> {
  const { key, check, host, runtime, router, probe } = options;
  const instance = (await runtime.observe({ signal })).find((one) => slotName(one) === slotName(key));
  if (instance === undefined) return { healthy: false, reason: 'gone', detail: 'there is no such instance' };
  if (instance.state !== 'running') {
    return { healthy: false, reason: 'crashed', detail: `it ended with ${instance.exit ?? 'no reason given'}` };
  }
  const hostHeader: Record<string, string> = host === null ? {} : { host };
  const { timeoutMs, path } = check;
  if (!throughRouter) {
    const { address } = instance;
    const url = new URL(path, `http://${address.host}:${address.port}`).href;
    return probe({ url, headers: hostHeader, timeoutMs, signal });
  }
  const { url, headers } = await router.preview({ ...key, path });
  return probe({ url, headers: { ...headers, ...hostHeader }, timeoutMs, signal });
}

async function unhealthy(
  options: HealthOptions,
  last: Sighting | undefined,
  throughRouter: boolean,
): Promise<BlueGreenError> {
  const { key, check, runtime, scrub } = options;
  const reason = last === undefined || last.healthy ? 'timeout' : last.reason;
  const detail = last === undefined || last.healthy ? 'no probe was answered' : last.detail;
  // As one text: a secret may go over several lines.
  const log = scrub((await runtime.logs({ ...key, lines: shownLogLines })).join('\n'));
  const printed = log === '' ? [] : log.split('\n');
  const details = { service: key.service, slot: key.slot, reason, detail, log: printed };
  const tail = printed.length === 0 ? '' : `\nits last lines:\n${printed.map((line) => `  ${line}`).join('\n')}`;

  if (reason === 'crashed' || reason === 'gone') {
    return new BlueGreenError('BLUEGREEN_CRASHED', `${key.service} crashed in ${key.slot}: ${detail}${tail}`, {
      hint: 'mend what its last lines say, commit, and deploy again',
      details,
    });
  }
  const where = throughRouter ? 'through the proxy' : 'directly';
  return new BlueGreenError(
    'BLUEGREEN_HEALTH_TIMEOUT',
    `${key.service} was not healthy in ${key.slot} within ${check.deadlineMs} ms: ${check.path}, asked ${where}, ${detail}${tail}`,
    { hint: hintFor(reason), details },
  );
}

function hintFor(reason: FailedProbe['reason']): string {
  switch (reason) {
    case 'refused':
      return 'make the service listen on the PORT and HOST it is given, or raise health.deadlineMs';
    case 'timeout':
      return 'find what the health endpoint waits for, or raise health.timeoutMs';
    case 'redirect':
      return 'point health.path to an address that answers by itself, without a redirect';
    case 'status':
      return 'mend what the health endpoint complains about, commit, and deploy again';
    case 'broken':
      return 'see its last lines: the service closed the connection without an answer';
  }
}
