import { expect, it } from 'vitest';

import { configHashOf, definitionSchema } from './release-definition.ts';

const service = {
  name: 'api',
  repository: 'shop-api',
  image: 'shop-api:demo-abc1234',
  digest: 'sha256:one',
  revision: 'abc1234',
  command: ['node', 'server.ts'],
  environment: {},
  secretVersions: { TOKEN: 'v1', PART: 'v2' },
  database: null,
  route: null,
  health: { path: '/health', timeoutMs: 1000, intervalMs: 50, deadlineMs: 5000 },
  dependsOn: [],
  drainTimeoutMs: 1000,
  stopTimeoutMs: 1000,
  configHash: 'c1',
};
const release = {
  id: 'r1',
  kind: 'deploy',
  environment: 'demo',
  at: '2026-01-01T00:00:00.000Z',
  by: 'ana@ci',
  planHash: 'p1',
  previous: null,
  restores: null,
  unwanted: [],
};

it('keeps the names of secrets apart from the versions, which are more', () => {
  const { services } = definitionSchema.parse({ ...release, services: [{ ...service, secrets: ['TOKEN'] }] });
  expect(services[0]).toMatchObject({ secrets: ['TOKEN'], secretVersions: { TOKEN: 'v1', PART: 'v2' } });
});

it('takes the names from the versions in a release that was written down without them', () => {
  const { services } = definitionSchema.parse({ ...release, services: [service] });
  expect(services[0]?.secrets).toEqual(['TOKEN', 'PART']);
  expect(definitionSchema.safeParse({ ...release, services: [7] }).success).toBe(false);
});

it('is another configuration when a secret is named that was only referred to', () => {
  const config = { ...service, container: null, secrets: ['TOKEN'] };
  expect(configHashOf({ ...config, secrets: ['TOKEN', 'PART'] })).not.toBe(configHashOf(config));
  expect(configHashOf({ ...config })).toBe(configHashOf(config));
});

it('reads a release that was written down before there were containers and kinds of checks', () => {
  const { services, trial } = definitionSchema.parse({ ...release, services: [service] });
  expect(services[0]).toMatchObject({
    strategy: { kind: 'blue-green' },
    container: null,
    health: { kind: 'http', path: '/health' },
  });
  expect(trial).toEqual({ canarySteps: [], canaryStepMs: 0, bakeMs: 0, limits: {} });
});

it('keeps the configuration of a process the same as before there were containers', () => {
  const config = { ...service, container: null, secrets: ['TOKEN'] };
  expect(configHashOf(config)).toBe('sha256:237a162eea22722a92eb11175f4f1a9643229c6d536e7174224e09246918b1fe');
});
