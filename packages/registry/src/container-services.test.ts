import { expect, it } from 'vitest';

import { checkRegistry } from './checks/check-registry.ts';
import { formatPath } from './checks/problem.ts';
import { defineRegistry } from './define-registry.ts';
import { merge } from './plan/merge.ts';
import { resolveEnvironment } from './resolve-environment.ts';

const shop = defineRegistry({
  project: 'shop',
  services: {
    api: { context: 'api', command: ['node', 'api.ts'], image: { dockerfile: 'Dockerfile', user: '1000:1000' } },
    jobs: { context: 'jobs', command: ['node', 'jobs.ts'], image: { dockerfile: 'Dockerfile' }, strategy: 'worker' },
  },
  environments: {
    production: { runtime: 'docker', proxy: { port: 80 } },
    development: { runtime: 'embedded', proxy: { port: 0 } },
  },
});

function resolved(change: object, environment = 'production') {
  const checked = checkRegistry(merge(shop, change));
  if (!checked.valid) throw new Error(problemsOf(change).join('\n'));
  return resolveEnvironment(
    { registry: checked.registry, file: '/shop/maestro.config.ts', root: '/shop' },
    environment,
  );
}

function problemsOf(change: object): string[] {
  const checked = checkRegistry(merge(shop, change));
  return checked.valid ? [] : checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const api = (change: object) => ({ services: { api: change } });
const production = (change: object) => ({ environments: { production: change } });

it('says how containers are made, in words of compose files, and only what is written', () => {
  const [plain] = resolved({}).services;
  expect(plain?.container).toEqual({
    port: 8080,
    replicas: 1,
    secretsAs: 'variables',
    settings: { user: '1000:1000' },
  });
  const container = {
    port: 3000,
    replicas: 3,
    secretsAs: 'files',
    cpus: 0.5,
    memory: '512m',
    pidsLimit: 200,
    volumes: [
      { type: 'volume', source: 'uploads', target: '/uploads' },
      { type: 'bind', source: '/srv/fonts', target: '/fonts', readOnly: true },
      { type: 'tmpfs', target: '/tmp', size: '64MB' },
    ],
    networks: ['databases'],
    ulimits: { nofile: { soft: 1024, hard: 4096 } },
    readOnly: true,
    capDrop: ['ALL'],
    capAdd: ['NET_BIND_SERVICE'],
    init: true,
    logging: { driver: 'journald' },
  };
  expect(resolved(api({ container })).services[0]?.container).toEqual({
    port: 3000,
    replicas: 3,
    secretsAs: 'files',
    settings: {
      user: '1000:1000',
      cpus: 0.5,
      memoryBytes: 512 * 1024 * 1024,
      processes: 200,
      mounts: [
        { kind: 'volume', volume: 'uploads', target: '/uploads', readOnly: false },
        { kind: 'folder', folder: '/srv/fonts', target: '/fonts', readOnly: true },
        { kind: 'memory', target: '/tmp', sizeBytes: 64 * 1024 * 1024 },
      ],
      networks: ['databases'],
      ulimits: { nofile: { soft: 1024, hard: 4096 } },
      readOnlyRoot: true,
      dropCapabilities: ['ALL'],
      addCapabilities: ['NET_BIND_SERVICE'],
      init: true,
      log: { driver: 'journald', options: {} },
    },
  });
  expect(resolved(api({ container }), 'development').services[0]?.container).toBeNull();
});

it('says when a service is healthy', () => {
  const times = { timeoutMs: 2_000, intervalMs: 50, deadlineMs: 30_000 };
  const healthOf = (health: object) => resolved(api({ health })).services[0]?.health;
  expect(healthOf({})).toEqual({ kind: 'http', path: '/health', ...times });
  const asked = { host: 'shop.example', statuses: ['200-299', '401'], body: { matches: 'ok$' }, successes: 2 };
  expect(healthOf(asked)).toEqual({
    kind: 'http',
    path: '/health',
    host: 'shop.example',
    statuses: [
      [200, 299],
      [401, 401],
    ],
    body: { matches: 'ok$' },
    successes: 2,
    ...times,
  });
  expect(healthOf({ kind: 'tcp', startPeriodMs: 500 })).toEqual({ kind: 'tcp', startPeriodMs: 500, ...times });
  const inContainers = { environments: { production: { services: { api: { health: { kind: 'image' } } } } } };
  expect(resolved(inContainers).services[0]?.health).toEqual({ kind: 'image', ...times });
});

it('says how versions follow one another, and how they are tried out', () => {
  const { services, canary, bakeMs, limits } = resolved({
    services: { api: { strategy: 'recreate' }, jobs: { overlap: false } },
    ...production({ canary: { steps: [10, 50] }, bakeMs: 30_000, limits: { errorRate: 0.02 } }),
  });
  expect(services.map(({ strategy }) => strategy)).toEqual([
    { kind: 'recreate' },
    { kind: 'worker', successor: 'after' },
  ]);
  expect([canary, bakeMs, limits]).toEqual([{ steps: [10, 50], stepMs: 60_000 }, 30_000, { errorRate: 0.02 }]);
  expect(resolved({}).services[1]?.strategy).toEqual({ kind: 'worker', successor: 'beside' });
});

it('makes the paths of certificates and pages absolute, and passes on what nginx is told of a service', () => {
  const tls = { certificates: [{ hosts: ['*.shop.example'], certificate: 'tls/shop.pem', key: '/etc/shop.key' }] };
  const { proxy, services } = resolved({
    ...api({
      proxy: { maxBodyBytes: 1_000_000, streaming: true },
      canary: { match: { header: 'x-tester', value: '1' } },
    }),
    ...production({ proxy: { tls, maintenancePage: 'pages/down.html', workerUser: 'www-data' } }),
  });
  expect(proxy).toEqual({
    host: '127.0.0.1',
    port: 80,
    workerUser: 'www-data',
    maintenancePage: '/shop/pages/down.html',
    tls: {
      port: 443,
      http2: true,
      redirect: true,
      certificates: [{ hosts: ['*.shop.example'], certificateFile: '/shop/tls/shop.pem', keyFile: '/etc/shop.key' }],
    },
  });
  expect(services[0]?.passing).toEqual({ maxBodyBytes: 1_000_000, streaming: true });
  expect(services[0]?.canary).toEqual({ match: { header: 'x-tester', value: '1' } });
});

it.each<[object, string]>([
  [api({ container: { memory: '12 GB' } }), 'services.api.container.memory: expected an amount such as "512m" or "2g"'],
  [api({ container: { replicas: 0 } }), 'services.api.container.replicas: expected a whole number from 1 to 100'],
  [api({ container: { port: '80' } }), 'services.api.container.port: expected a port from 1 to 65535, not a string'],
  [
    api({ container: { volumes: [{ type: 'nfs', target: '/x' }] } }),
    'services.api.container.volumes[0].type: expected "volume", "bind" or "tmpfs"',
  ],
  [
    api({ container: { volumes: [{ type: 'bind', source: './fonts', target: '/fonts' }] } }),
    "services.api.container.volumes[0].source: expected an absolute path on the engine's machine",
  ],
  [
    api({ container: { volumes: [{ type: 'tmpfs', target: '/tmp', size: '1m', sze: '' }] } }),
    'services.api.container.volumes[0].sze: unknown key, did you mean "size"?',
  ],
  [api({ container: { readonly: true } }), 'services.api.container.readonly: unknown key, did you mean "readOnly"?'],
  [api({ health: { kind: 'grpc' } }), 'services.api.health.kind: expected "http", "tcp", "command" or "image"'],
  [api({ health: { kind: 'tcp', path: '/' } }), 'services.api.health.path: expected only where kind is "http"'],
  [
    api({ health: { statuses: ['2xx'] } }),
    'services.api.health.statuses[0]: expected a status or a range such as "200-299"',
  ],
  [api({ health: { body: { matches: '(' } } }), 'services.api.health.body.matches: expected a regular expression'],
  [api({ health: { body: {} } }), 'services.api.health.body: expected either contains or matches'],
  [api({ strategy: 'rolling' }), 'services.api.strategy: expected "blue-green", "recreate", "worker" or "job"'],
  [api({ overlap: true }), 'services.api.overlap: expected only where the strategy is "worker"'],
  [
    { services: { jobs: { route: { path: '/jobs' } } } },
    'services.jobs.route: expected only where the strategy is not "worker"',
  ],
  [
    api({ strategy: 'recreate', canary: { stickBy: 'client-address' } }),
    'services.api.canary: expected only where the strategy is "blue-green"',
  ],
  [
    api({ canary: { stickBy: 'session' } }),
    'services.api.canary.stickBy: expected "visitor", "client-address", "nothing", or an object with header or cookie',
  ],
  [production({ canary: { steps: [] } }), 'environments.production.canary.steps: expected at least one percentage'],
  [
    production({ canary: { steps: [100] } }),
    'environments.production.canary.steps[0]: expected a percentage from 0 to 99',
  ],
  [production({ limits: { errorRate: 5 } }), 'environments.production.limits.errorRate: expected a share from 0 to 1'],
  [
    production({ network: { subnet: '10.0.0.0' } }),
    'environments.production.network.subnet: expected a network such as 10.200.4.0/22',
  ],
  [
    production({ proxy: { tls: { certificates: [] } } }),
    'environments.production.proxy.tls.certificates: expected at least one certificate',
  ],
  [
    { environments: { development: { proxy: { maintenancePage: 'x.html' } } } },
    'environments.development.proxy.maintenancePage: expected only where the runtime is "docker"',
  ],
  [
    { environments: { development: { services: { api: { health: { kind: 'image' } } } } } },
    'environments.development.services.api.health.kind: expected "http" or "tcp" in an embedded environment',
  ],
])('refuses %j', (change, problem) => {
  expect(problemsOf(change)).toEqual([problem]);
});
