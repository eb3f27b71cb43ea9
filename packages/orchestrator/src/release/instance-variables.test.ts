import { expect, it } from 'vitest';

import { instanceVariables } from './instance-variables.ts';
import type { ServiceDefinition } from './release-definition.ts';

const service: ServiceDefinition = {
  name: 'order-api',
  repository: 'shop-order-api',
  image: 'shop-order-api:demo-abc1234',
  digest: 'sha256:one',
  revision: 'abc1234',
  command: ['node', 'server.ts'],
  environment: { LOG_LEVEL: 'info', WEB_URL: 'http://elsewhere' },
  secretVersions: { TOKEN: 'v1' },
  database: { adapter: 'sqlite', file: '/data/orders.db', migrations: 'migrations', variable: 'DATABASE_PATH' },
  route: null,
  health: { path: '/health', timeoutMs: 1000, intervalMs: 50, deadlineMs: 5000 },
  dependsOn: [],
  drainTimeoutMs: 1000,
  stopTimeoutMs: 1000,
  configHash: 'c1',
};

it('tells an instance who it is, where the others are and where its data is; its own variables win', () => {
  const variables = instanceVariables({
    release: 'r7',
    slot: 'green',
    service,
    addresses: {
      'order-api': 'http://127.0.0.1:21001',
      web: 'http://127.0.0.1:21002',
      'user-api': 'http://127.0.0.1:21003',
    },
  });
  expect(variables).toEqual({
    MAESTRO_RELEASE: 'r7',
    MAESTRO_REVISION: 'abc1234',
    MAESTRO_SERVICE: 'order-api',
    MAESTRO_SLOT: 'green',
    USER_API_URL: 'http://127.0.0.1:21003',
    DATABASE_PATH: '/data/orders.db',
    LOG_LEVEL: 'info',
    WEB_URL: 'http://elsewhere',
  });
});
