import type { Environment } from '@maestro/orchestrator';

/** What the gateway says of the services. */
export interface PlatformStatus {
  readonly healthy: boolean;
  readonly services: readonly { readonly service: string; readonly slot: string; readonly healthy: boolean }[];
}

/** Where an environment that runs is reached. */
export async function urlOf(environment: Environment): Promise<string> {
  const { url } = await environment.status();
  return url ?? 'http://not-running';
}

export async function readStatus(url: string): Promise<PlatformStatus> {
  return (await (await fetch(new URL('/status', url))).json()) as PlatformStatus;
}

export function slotsIn({ services }: PlatformStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(services.map(({ service, slot }) => [service, slot]));
}

export const allBlue = {
  gateway: 'blue',
  'template-service': 'blue',
  'automation-service': 'blue',
  'quality-fabric': 'blue',
  'k8s-execution-service': 'blue',
};
