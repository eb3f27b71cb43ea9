import { expect, it } from 'vitest';

import { instanceVariables } from './instance-variables.ts';
import type { ServiceDefinition } from './release-definition.ts';

const sqlite = {
  adapter: 'sqlite',
  file: '/data/orders.db',
  migrations: 'migrations',
  variable: 'DATABASE_PATH',
} as const;

const service: ServiceDefinition = {
  name: 'order-api',
  repository: 'shop-order-api',
  image: 'shop-order-api:demo-abc1234',
  digest: 'sha256:one',
  revision: 'abc1234',
  command: ['node', 'server.ts'],
  environment: { LOG_LEVEL: 'info', WEB_URL: 'http://elsewhere' },
  secrets: ['TOKEN'],
  secretVersions: { TOKEN: 'v1' },
  database: sqlite,
  migrations: null,
  route: null,
  health: { kind: 'http', path: '/health', timeoutMs: 1000, intervalMs: 50, deadlineMs: 5000 },
  strategy: { kind: 'blue-green' },
  container: null,
  passing: null,
  canary: null,
  longLivedTimeoutMs: null,
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

const onServer = { adapter: 'postgresql', schema: null, tls: true, migrations: 'migrations' } as const;
const parts = { host: 'db', port: 5432, database: 'shop', user: 'ada@work', passwordSecret: 'DB_PASSWORD' };

it.each([
  ['no database', null, {}],
  [
    'the URL of its database without the password',
    { ...parts, variable: 'ORDERS_URL' },
    { ORDERS_URL: 'postgresql://ada%40work@db:5432/shop' },
  ],
  ['nothing where the URL is one of its secrets', { urlSecret: 'DATABASE_URL' }, {}],
])('tells an instance %s', (_, address, expected) => {
  const database = address === null ? null : { ...onServer, address };
  const variables = instanceVariables({
    release: 'r7',
    slot: 'green',
    service: { ...service, environment: {}, database },
    addresses: {},
  });
  const { MAESTRO_RELEASE, MAESTRO_REVISION, MAESTRO_SERVICE, MAESTRO_SLOT, ...others } = variables;
  expect([MAESTRO_RELEASE, MAESTRO_REVISION, MAESTRO_SERVICE, MAESTRO_SLOT]).not.toContain(undefined);
  expect(others).toEqual(expected);
});

it('tells a container where it has its data mounted', () => {
  const database = { ...sqlite, file: '/srv/data/order-api/main/orders.db', mountedFolder: '/srv/data/order-api' };
  const container = { port: 8080, replicas: 1, settings: {}, user: null, secretsAs: 'files' } as const;
  const inContainer: ServiceDefinition = { ...service, container, database };
  const variables = instanceVariables({ release: 'r7', slot: 'green', service: inContainer, addresses: {} });
  expect(variables).toMatchObject({ DATABASE_PATH: '/data/main/orders.db' });
});
