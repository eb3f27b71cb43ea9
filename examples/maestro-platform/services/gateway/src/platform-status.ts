import type { Identity, Settings, Upstream } from './settings.ts';

interface ServiceStatus extends Identity {
  readonly healthy: boolean;
}

interface PlatformStatus {
  /** Whether every service is. */
  readonly healthy: boolean;
  readonly services: readonly ServiceStatus[];
}

const timeoutMs = 2_000;

/** Asks all services side by side, so that it takes as long as the slowest one. */
export async function readStatus({ identity, upstreams }: Settings): Promise<PlatformStatus> {
  const services = [{ ...identity, healthy: true }, ...(await Promise.all(upstreams.map(statusOf)))];
  return { healthy: services.every(({ healthy }) => healthy), services };
}

async function statusOf({ service, url }: Upstream): Promise<ServiceStatus> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(timeoutMs) });
    const { revision, slot } = (await response.json()) as Identity;
    return { service, revision, slot, healthy: response.ok };
  } catch {
    return { service, revision: 'unknown', slot: 'none', healthy: false };
  }
}
