import { type Clock, createEmitter, type Logger, type Observer, poll, silentLogger, systemClock } from '@maestro/core';

import { httpProbe } from './adapters/http/http-probe.ts';
import type { BlueGreenEvent } from './events.ts';
import { type HealthCheck, waitUntilHealthy } from './health.ts';
import type { Generation } from './plan/generation.ts';
import type { Probe } from './ports/probe.ts';
import type { Instance, InstanceKey, InstanceSpec, Runtime } from './ports/runtime.ts';
import type { Router, RouterAddresses, Switched, SwitchRequest, Topology } from './ports/router.ts';

export interface BlueGreenOptions {
  readonly runtime: Runtime;
  readonly router: Router;
  /** How instances are asked whether they are healthy; over HTTP by default. */
  readonly probe?: Probe | undefined;
  readonly onEvent?: Observer<BlueGreenEvent> | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** What runs and where traffic goes, seen at one time. */
export interface Observed {
  readonly generation: Generation | null;
  readonly instances: readonly Instance[];
}

export interface ProbeOptions extends InstanceKey {
  readonly check: HealthCheck;
  /** The Host that outsiders use; null where any will do. */
  readonly host: string | null;
  /** Takes secrets out of what the instance printed; by default it is shown as it is. */
  readonly scrub?: ((text: string) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DrainOptions extends InstanceKey {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The stages of moving a set of services to new instances, for a caller that decides when each one runs:
 * observe and plan (`planMoves`), start beside what is live, probe, switch everything at one instant, drain, stop.
 */
export interface BlueGreen {
  observe(options?: { readonly signal?: AbortSignal | undefined }): Promise<Observed>;
  /** Makes the services reachable under addresses that stay; call it before their instances start. */
  reach(topology: Topology, options?: { readonly signal?: AbortSignal | undefined }): Promise<RouterAddresses>;
  start(spec: InstanceSpec, options?: { readonly signal?: AbortSignal | undefined }): Promise<Instance>;
  /** Waits until an instance is healthy, live or not. Throws `BLUEGREEN_CRASHED`, `BLUEGREEN_HEALTH_TIMEOUT`. */
  probe(options: ProbeOptions): Promise<void>;
  /** Moves all traffic by one rename. Throws `BLUEGREEN_GENERATION_MOVED`. */
  switchTo(request: SwitchRequest): Promise<Switched>;
  /** Waits until nothing is on its way through a slot; returns how many were left at the deadline. */
  drain(options: DrainOptions): Promise<{ readonly left: number }>;
  /** Ends an instance without removing it. Throws `BLUEGREEN_SLOT_LIVE`. */
  stop(
    key: InstanceKey & { readonly timeoutMs: number },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

const drainIntervalMs = 25;

/** Joins a runtime and a router. */
export function openBlueGreen(options: BlueGreenOptions): BlueGreen {
  const { runtime, router, probe = httpProbe, onEvent, clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter<BlueGreenEvent>({ onEvent, clock, logger });

  return {
    observe: async (call) => {
      const [generation, instances] = await Promise.all([router.generation(), runtime.observe(call)]);
      return { generation, instances };
    },
    reach: (topology, call) => router.apply(topology, call),
    start: (spec, call) => runtime.start(spec, call),
    probe: ({ service, slot, check, host, scrub = (text) => text, signal }) =>
      waitUntilHealthy({
        key: { service, slot },
        check,
        host,
        runtime,
        router,
        probe,
        clock,
        emit,
        scrub,
        signal,
      }),
    switchTo: (request) => router.switchTo(request),
    drain: async ({ service, slot, deadlineMs, signal }) => {
      let shown = -1;
      const outcome = await poll({
        probe: async () => {
          const { requests, connections } = await router.inFlight({ service, slot });
          const open = requests + connections;
          if (open > 0 && open !== shown) emit({ type: 'draining', service, slot, requests, connections });
          shown = open;
          return open;
        },
        accept: (open) => open === 0,
        intervalMs: drainIntervalMs,
        deadlineMs,
        clock,
        signal,
      });
      const left = outcome.accepted ? 0 : (outcome.value ?? 0);
      emit({ type: 'drained', service, slot, cut: left, elapsedMs: Math.round(outcome.elapsedMs) });
      return { left };
    },
    stop: (key, call) => runtime.stop(key, call),
  };
}
