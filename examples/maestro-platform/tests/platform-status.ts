import type { Environment } from '@maestro/orchestrator';
import { expect } from 'vitest';

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

/** Has the first template of a platform filled in: services that call one another. */
export async function publishWelcome(url: string): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
  expect((await post('/templates', { name: 'welcome', body: 'Dear {{ name }},' })).status).toBe(201);
  expect((await post('/runs', { templateId: 1 })).status).toBe(202);
  const runs = async () => (await fetch(new URL('/runs', url))).json();
  await expect
    .poll(runs, { timeout: 60_000 })
    .toMatchObject({ runs: [{ state: 'published', detail: 'Dear [name],' }] });
}
