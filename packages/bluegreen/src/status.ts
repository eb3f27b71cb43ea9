import { type Clock, isMaestroError, withDeadline } from '@maestro/core';

import { askInstance, type Probes } from './ask-instance.ts';
import { BlueGreenError } from './errors.ts';
import type { HealthCheck } from './health-check.ts';
import { type Drift, findDrift } from './plan/drift.ts';
import { type Generation, liveSlot } from './plan/generation.ts';
import type { Strategy } from './plan/move.ts';
import type { Instance, Runtime } from './ports/runtime.ts';
import type { Router } from './ports/router.ts';
import { otherSlot, type Slot } from './slots.ts';

/** A service of the registry. */
export interface ExpectedService {
  readonly service: string;
  readonly strategy?: Strategy | undefined;
  readonly check: HealthCheck;
  /** The Host that outsiders use; null where any will do. */
  readonly host: string | null;
}

export interface StatusOptions {
  /** Those of the registry, in the order wanted; others that are found follow. */
  readonly services: readonly ExpectedService[];
  /** For the answer of one instance; a check's own, shorter time holds. 2,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is in a slot. */
export interface SlotStatus extends Pick<Instance, 'slot' | 'release' | 'image' | 'digest' | 'state' | 'restarts'> {
  /** Null for what does not run or cannot be asked. */
  readonly healthy: boolean | null;
  /** ISO 8601, when its process started. */
  readonly since: string;
}

export interface ServiceStatus {
  readonly service: string;
  /** What receives the traffic; of a worker, what runs. */
  readonly live: SlotStatus | null;
  readonly idle: SlotStatus | null;
}

/** An environment as it is, asked from its runtime and its router, never from memory. */
export interface Status {
  readonly generation: Generation | null;
  readonly services: readonly ServiceStatus[];
  readonly drift: readonly Drift[];
}

interface StatusParts {
  readonly runtime: Runtime;
  readonly router: Router;
  readonly probes: Probes;
  readonly clock: Clock;
}

export async function observeStatus(parts: StatusParts, options: StatusOptions): Promise<Status> {
  const { runtime, router } = parts;
  const [generation, instances] = await Promise.all([router.generation(), runtime.observe({ signal: options.signal })]);
  const expected = new Map(options.services.map((one) => [one.service, one]));
  const names = new Set([
    ...expected.keys(),
    ...Object.keys(generation?.slots ?? {}),
    ...instances.map(({ service }) => service),
  ]);
  const services = await Promise.all(
    [...names].map(async (service): Promise<ServiceStatus> => {
      const at = (slot: Slot) => instances.find((one) => one.service === service && one.slot === slot);
      const live = liveSlot(generation, service) ?? workingSlot(expected.get(service), at);
      const look = (slot: Slot) => slotStatus(parts, options, at(slot), expected.get(service));
      return {
        service,
        live: live === undefined ? null : await look(live),
        idle: await look(live === undefined ? (at('blue') === undefined ? 'green' : 'blue') : otherSlot(live)),
      };
    }),
  );
  return { generation, services, drift: findDrift({ generation, instances, services: options.services }) };
}

/** Workers are in no generation. */
function workingSlot(
  expected: ExpectedService | undefined,
  at: (slot: Slot) => Instance | undefined,
): Slot | undefined {
  if (expected?.strategy?.kind !== 'worker') return undefined;
  return (['blue', 'green'] as const).find((slot) => at(slot)?.state === 'running');
}

async function slotStatus(
  parts: StatusParts,
  options: StatusOptions,
  instance: Instance | undefined,
  expected: ExpectedService | undefined,
): Promise<SlotStatus | null> {
  if (instance === undefined) return null;
  const { slot, release, image, digest, state, restarts, startedAt } = instance;
  const ask = state === 'running' && expected !== undefined;
  const healthy = ask ? await isHealthy(parts, options, instance, expected) : null;
  return { slot, release, image, digest, state, restarts, healthy, since: startedAt };
}

/** One question: whoever asks for the status is waiting. */
async function isHealthy(
  { router, probes, clock }: StatusParts,
  { timeoutMs = 2_000, signal }: StatusOptions,
  instance: Instance,
  { check, host, strategy }: ExpectedService,
): Promise<boolean | null> {
  const deadlineMs = Math.min(check.timeoutMs, timeoutMs);
  const asked = { instance, check: { ...check, timeoutMs: deadlineMs }, host, probes, briefly: true };
  const routed = strategy?.kind === 'worker' ? null : router;
  try {
    const sighting = await withDeadline((inner) => askInstance({ ...asked, router: routed, signal: inner }), {
      deadlineMs: 2 * deadlineMs,
      clock,
      signal,
      onExpired: () => new BlueGreenError('BLUEGREEN_HEALTH_TIMEOUT', `${instance.service} did not answer`),
    });
    return sighting.healthy;
  } catch (error) {
    signal?.throwIfAborted();
    if (isMaestroError(error, 'BLUEGREEN_CHECK_UNSUPPORTED')) return null;
    if (isMaestroError(error)) return false;
    throw error;
  }
}
