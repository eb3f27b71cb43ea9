import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import { httpProbe } from './adapters/http/http-probe.ts';
import { tcpProbe } from './adapters/tcp/tcp-probe.ts';
import { bake, type BakeOptions, type BakeOutcome } from './bake.ts';
import { canary, type CanaryOptions, type CanaryOutcome } from './canary.ts';
import { drainSlot, type DrainOptions } from './drain.ts';
import { trafficUnreadable } from './errors.ts';
import type { BlueGreenEvent } from './events.ts';
import { waitUntilHealthy } from './health.ts';
import type { HealthCheck } from './health-check.ts';
import { type Generation, liveSlot } from './plan/generation.ts';
import type { CommandProbe, Probe, TcpProbe } from './ports/probe.ts';
import type { Instance, InstanceKey, InstanceSpec, Runtime } from './ports/runtime.ts';
import type { Router, RouterAddresses, Switched, SwitchRequest, Topology } from './ports/router.ts';
import type { TrafficSource } from './ports/traffic.ts';
import { observeStatus, type Status, type StatusOptions } from './status.ts';

export interface BlueGreenOptions {
  readonly runtime: Runtime;
  readonly router: Router;
  /** What new versions are judged by; without it a canary is refused, and a bake sees the ends of instances only. */
  readonly traffic?: TrafficSource | undefined;
  /** How instances are asked whether they are healthy; over HTTP by default. */
  readonly probe?: Probe | undefined;
  readonly tcpProbe?: TcpProbe | undefined;
  /** Runs a health check's command inside an instance; refused by default. */
  readonly commandProbe?: CommandProbe | undefined;
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
  /** Whether it is asked through the router, too; false for a worker. True by default. */
  readonly traffic?: boolean | undefined;
  /** Takes secrets out of what the instance printed; by default it is shown as it is. */
  readonly scrub?: ((text: string) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Call {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The stages of moving a set of services to new instances, for a caller that decides when each one runs: observe and plan
 * (`planMoves`), start beside what is live, probe, try out, switch everything at one instant, bake, drain, stop.
 */
export interface BlueGreen {
  /** Which slots receive the traffic; null before the first switch. */
  generation(): Promise<Generation | null>;
  observe(options?: Call): Promise<Observed>;
  /** What is live and idle of each service, how healthy it is, and what is not as Maestro left it. */
  status(options: StatusOptions): Promise<Status>;
  /** Makes the services reachable under addresses that stay; call it before their instances start. */
  reach(topology: Topology, options?: Call): Promise<RouterAddresses>;
  start(spec: InstanceSpec, options?: Call): Promise<Instance>;
  /** Waits until an instance is healthy, live or not. Throws `BLUEGREEN_CRASHED`, `BLUEGREEN_HEALTH_TIMEOUT`. */
  probe(options: ProbeOptions): Promise<void>;
  /** Gives new versions a growing share of the traffic; see `CanaryOutcome`. Throws `BLUEGREEN_TRAFFIC_UNREADABLE`. */
  canary(options: CanaryOptions): Promise<CanaryOutcome>;
  /** Makes what is to get traffic come back by itself, then moves all traffic by one rename. Throws `BLUEGREEN_GENERATION_MOVED`. */
  switchTo(request: SwitchRequest): Promise<Switched>;
  /** Makes an instance without traffic come back by itself. */
  keepRunning(key: InstanceKey, options?: Call): Promise<void>;
  /** Watches what a switch moved and switches back when it is worse than before; see `BakeOutcome`. */
  bake(options: BakeOptions): Promise<BakeOutcome>;
  /** Waits until nothing is on its way through a slot; returns how many were left at the deadline. */
  drain(options: DrainOptions): Promise<{ readonly left: number }>;
  /** Ends an instance without removing it. Throws `BLUEGREEN_SLOT_LIVE`. */
  stop(key: InstanceKey & { readonly timeoutMs: number }, options?: Call): Promise<void>;
}

/** Joins a runtime and a router. */
export function openBlueGreen(options: BlueGreenOptions): BlueGreen {
  const { runtime, router, traffic = null, onEvent, clock = systemClock, logger = silentLogger } = options;
  const { probe: http = httpProbe, tcpProbe: tcp = tcpProbe, commandProbe: command = null } = options;
  const emit = createEmitter<BlueGreenEvent>({ onEvent, clock, logger });
  const probes = { http, tcp, command };
  const watching = { runtime, router, clock, logger, emit };

  return {
    generation: () => router.generation(),
    observe: async (call) => {
      const [generation, instances] = await Promise.all([router.generation(), runtime.observe(call)]);
      return { generation, instances };
    },
    status: (call) => observeStatus({ runtime, router, probes, clock }, call),
    reach: (topology, call) => router.apply(topology, call),
    start: (spec, call) => runtime.start(spec, call),
    probe: ({ service, slot, traffic: routed = true, scrub = (text) => text, ...call }) =>
      waitUntilHealthy({
        ...call,
        key: { service, slot },
        scrub,
        runtime,
        router: routed ? router : null,
        probes,
        clock,
        emit,
      }),
    canary: async (call) => {
      if (traffic === null) throw noTraffic();
      return canary({ ...watching, traffic }, call);
    },
    switchTo: async (request) => {
      // Before the switch: what gets traffic must come back after a crash from its first request on.
      const before = await router.generation();
      const keys = Object.entries(request.slots)
        .map(([service, slot]) => ({ service, slot }))
        .filter(({ service, slot }) => liveSlot(before, service) !== slot);
      await Promise.all(keys.map((key) => runtime.keepRunning(key)));
      return router.switchTo(request);
    },
    keepRunning: (key, call) => runtime.keepRunning(key, call),
    bake: (call) => bake({ ...watching, traffic }, call),
    drain: (call) => drainSlot({ router, clock, emit }, call),
    stop: (key, call) => runtime.stop(key, call),
  };
}

function noTraffic() {
  const hint = 'deploy without a canary, or give openBlueGreen a TrafficSource';
  return trafficUnreadable('this environment', 'nothing here counts requests by slot', hint);
}
