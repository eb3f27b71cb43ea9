import {
  canaryPercent,
  type RouterAddresses,
  type ServiceStatus as ObservedService,
  type SlotStatus as ObservedSlot,
  type Status as ObservedStatus,
} from '@maestro/bluegreen';
import type { ResolvedService } from '@maestro/registry';

import type { EnvironmentStatus, ServiceStatus, SlotStatus } from './environment.ts';
import { lastRunOf } from './release/last-run.ts';
import type { Parts } from './release/parts.ts';
import { interruptedRelease } from './release/recover.ts';

// An operator waits for this answer: a service that takes longer than that counts as unhealthy here.
const longestProbeMs = 2_000;

/** What runs of the services of the registry and of what else there is, each running instance asked for its health. */
export function observeServices(parts: Parts, signal?: AbortSignal): Promise<ObservedStatus> {
  const expected = parts.environment.services.flatMap(({ name, strategy, health, route }) =>
    strategy.kind === 'job' ? [] : [{ service: name, strategy, check: health, host: route?.host ?? null }],
  );
  return parts.blueGreen().status({ services: expected, timeoutMs: longestProbeMs, signal });
}

/** Observes an environment: instances and routing as they are, each running instance asked for its health. */
export async function observeStatus(parts: Parts, signal?: AbortSignal): Promise<EnvironmentStatus> {
  const { environment, lock } = parts;
  const [observed, addresses, holder] = await Promise.all([
    observeServices(parts, signal),
    parts.addresses(),
    lock.holder(),
  ]);
  const jobs = environment.services.filter(({ strategy }) => strategy.kind === 'job').map(({ name }) => name);
  const registered = new Map(environment.services.map((service) => [service.name, service]));
  const isGone = ({ service, live, idle }: ObservedService) =>
    !registered.has(service) && live === null && idle?.state !== 'running';
  const services = observed.services
    // What was taken away and is stopped is nobody's business any more.
    .filter((one) => !isGone(one))
    .map(({ service, live, idle }): ServiceStatus => ({
      name: service,
      url: urlOf(addresses, registered.get(service)),
      live: slotOf(live),
      idle: slotOf(idle),
      canaryPercent: canaryPercent(observed.generation, service) ?? null,
    }));
  return {
    environment: environment.name,
    url: addresses?.url ?? null,
    services,
    jobs: await Promise.all(jobs.map((name) => lastRunOf(parts, name))),
    drift: observed.drift.map(({ service, slot, detail, next }) => ({ service, slot, detail, next })),
    lock: holder,
    // While somebody deploys, an unfinished journal is work in progress.
    interrupted: holder === null ? await interruptedRelease(parts) : null,
  };
}

function slotOf(observed: ObservedSlot | null): SlotStatus | null {
  if (observed === null) return null;
  const { slot, release, image, digest, state, healthy, since } = observed;
  return { slot, release, image, digest, state, healthy: healthy ?? false, since };
}

function urlOf(addresses: RouterAddresses | null, service: ResolvedService | undefined): string | null {
  if (addresses === null || service?.route === null || service === undefined) return null;
  const url = new URL(service.route.path, addresses.url);
  if (service.route.host !== undefined) url.hostname = service.route.host;
  return url.href;
}
