import {
  type BlueGreen,
  type Instance,
  liveSlot,
  otherSlot,
  type RouterAddresses,
  type Slot,
} from '@maestro/bluegreen';
import { isMaestroError } from '@maestro/core';
import type { ResolvedService } from '@maestro/registry';

import type { EnvironmentStatus, ServiceStatus, SlotStatus } from './environment.ts';
import type { Parts } from './release/parts.ts';
import { interruptedRelease } from './release/recover.ts';

// An operator waits for this answer: a service that takes longer than that counts as unhealthy here.
const longestProbeMs = 2_000;

/** Observes an environment: instances and routing as they are, each running instance asked for its health. */
export async function observeStatus(parts: Parts, signal?: AbortSignal): Promise<EnvironmentStatus> {
  const blueGreen = parts.blueGreen();
  const [{ generation, instances }, addresses, lock] = await Promise.all([
    blueGreen.observe({ signal }),
    parts.addresses(),
    parts.lock.holder(),
  ]);
  const registered = new Map(parts.environment.services.map((service) => [service.name, service]));
  const names = new Set([...registered.keys(), ...Object.keys(generation?.slots ?? {})]);

  const services = await Promise.all(
    [...names].map(async (name): Promise<ServiceStatus> => {
      const live = liveSlot(generation, name);
      const look = (slot: Slot | undefined) =>
        slotStatus(
          blueGreen,
          instances.find((one) => one.service === name && one.slot === slot),
          registered.get(name),
        );
      return {
        name,
        url: urlOf(addresses, registered.get(name)),
        live: await look(live),
        idle: await look(live === undefined ? 'blue' : otherSlot(live)),
      };
    }),
  );
  return {
    environment: parts.environment.name,
    url: addresses?.url ?? null,
    services,
    lock,
    // While somebody deploys, an unfinished journal is work in progress.
    interrupted: lock === null ? await interruptedRelease(parts) : null,
  };
}

async function slotStatus(
  blueGreen: BlueGreen,
  instance: Instance | undefined,
  service: ResolvedService | undefined,
): Promise<SlotStatus | null> {
  if (instance === undefined) return null;
  const { slot, release, image, digest, state, startedAt } = instance;
  const healthy = state === 'running' && (await isHealthy(blueGreen, instance, service));
  return { slot, release, image, digest, state, healthy, since: startedAt };
}

async function isHealthy(
  blueGreen: BlueGreen,
  { service, slot }: Instance,
  registered: ResolvedService | undefined,
): Promise<boolean> {
  if (registered === undefined) return false;
  const timeoutMs = Math.min(registered.health.timeoutMs, longestProbeMs);
  try {
    await blueGreen.probe({
      service,
      slot,
      check: { ...registered.health, timeoutMs, deadlineMs: timeoutMs },
      host: registered.route?.host ?? null,
    });
    return true;
  } catch (error) {
    if (isMaestroError(error)) return false;
    throw error;
  }
}

function urlOf(addresses: RouterAddresses | null, service: ResolvedService | undefined): string | null {
  if (addresses === null || service?.route === null || service === undefined) return null;
  const url = new URL(service.route.path, addresses.url);
  if (service.route.host !== undefined) url.hostname = service.route.host;
  return url.href;
}
