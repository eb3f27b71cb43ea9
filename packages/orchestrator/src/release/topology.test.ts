import type { Move } from '@maestro/bluegreen';
import { expect, it } from 'vitest';

import type { ServiceDefinition } from './release-definition.ts';
import { topologyMeanwhile, topologyOf } from './topology.ts';

const environment = { proxy: { host: '127.0.0.1', port: 8080 } };

function service(name: string, overrides: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    name,
    repository: `shop-${name}`,
    image: `shop-${name}:demo-abc1234`,
    digest: `sha256:${name}`,
    revision: 'abc1234',
    command: [],
    environment: {},
    secrets: [],
    secretVersions: {},
    database: null,
    migrations: null,
    route: { host: null, path: `/${name}` },
    health: { kind: 'http', path: '/health', timeoutMs: 1000, intervalMs: 50, deadlineMs: 5000 },
    strategy: { kind: 'blue-green' },
    container: { port: 8080, replicas: 1, settings: {}, user: null, secretsAs: 'variables' },
    passing: null,
    canary: null,
    dependsOn: [],
    drainTimeoutMs: 1000,
    longLivedTimeoutMs: null,
    stopTimeoutMs: 1000,
    configHash: 'c1',
    ...overrides,
  };
}

const start = (name: string): Move => ({
  kind: 'start',
  service: name,
  slot: 'green',
  reason: 'image changed',
  traffic: true,
  ends: null,
  replaces: null,
  from: 'image',
});
const larger = { port: 9000, replicas: 3, settings: {}, user: null, secretsAs: 'variables' } as const;

it('has what is written of services with traffic, and no workers', () => {
  const worker = service('jobs', { strategy: { kind: 'worker', successor: 'beside' } });
  const api = service('api', { passing: { streaming: true }, canary: { stickBy: 'nothing' } });
  expect(topologyOf(environment, [api, worker])).toEqual({
    listen: { host: '127.0.0.1', port: 8080 },
    services: [
      {
        name: 'api',
        route: { host: null, path: '/api' },
        replicas: 1,
        port: 8080,
        proxy: { streaming: true },
        canary: { stickBy: 'nothing' },
      },
    ],
  });
});

it('keeps the routes of what is live, and gives what comes its own replicas and port in its slot', () => {
  const live = [service('api'), service('web')];
  const moved = service('api', { container: larger, route: { host: null, path: '/elsewhere' } });
  const services = [moved, service('web', { digest: 'sha256:new' }), service('new', { container: larger })];
  const moves = [start('api'), start('web'), start('new')];
  expect(topologyMeanwhile(environment, live, { services, moves }).services).toEqual([
    {
      name: 'api',
      route: { host: null, path: '/api' },
      replicas: 1,
      port: 8080,
      slots: { green: { port: 9000, replicas: 3 } },
    },
    { name: 'web', route: { host: null, path: '/web' }, replicas: 1, port: 8080 },
    { name: 'new', route: { host: null, path: '/new' }, replicas: 3, port: 9000 },
  ]);
});

it('is the same as before where only images change: nothing needs to be reloaded', () => {
  const live = [service('api')];
  const services = [service('api', { digest: 'sha256:new' })];
  expect(topologyMeanwhile(environment, live, { services, moves: [start('api')] })).toEqual(
    topologyOf(environment, live),
  );
});
