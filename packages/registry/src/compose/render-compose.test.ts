import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { checkRegistry } from '../checks/check-registry.ts';
import { defineRegistry, type EnvironmentInput, type ServiceInput } from '../define-registry.ts';
import type { LoadedRegistry } from '../load-registry.ts';
import { renderCompose } from './render-compose.ts';

const image = { dockerfile: 'dockerfiles/api.Dockerfile' };
const development = { runtime: 'docker', proxy: { port: 8080 }, secrets: { source: 'dotenv', file: '.env' } } as const;

describe('renderCompose', () => {
  it('builds images where their Dockerfiles are, relative to the folder of the file', () => {
    const { services } = shop({
      api: { image: { ...image, context: '.', target: 'run', args: { B: '1', A: 'a$b' } } },
    });
    expect(services.api).toMatchObject({
      build: { context: './', dockerfile: 'dockerfiles/api.Dockerfile', target: 'run', args: { A: 'a$$b', B: '1' } },
      image: 'shop-api:compose-development',
    });
    const elsewhere = shop({ api: {} }, { folder: '/shop/deploy' });
    expect(elsewhere.services.api).toMatchObject({
      build: { context: '../services/api', dockerfile: '../../dockerfiles/api.Dockerfile' },
    });
  });

  it('builds base images before what starts from them, and runs none of them', () => {
    const { services } = shop({ api: {} }, { bases: { node: { dockerfile: 'base/Dockerfile', context: 'base' } } });
    expect(services.maestro_base_node).toEqual({
      build: { context: './base', dockerfile: 'Dockerfile' },
      image: 'shop-node',
      scale: 0,
    });
    expect(services.api).toMatchObject({ depends_on: { maestro_base_node: { condition: 'service_started' } } });
  });

  it('tells services what a deployment tells them, and secrets by name only', () => {
    const { services, text } = shop({
      'order-api': { environment: { LOG: 'info', WEB_URL: 'http://elsewhere' }, secrets: ['TOKEN'] },
      web: { container: { port: 3000 } },
      jobs: { strategy: 'worker', container: { secretsAs: 'files' }, secrets: ['KEY'] },
    });
    expect(services['order-api']?.environment).toEqual({
      HOST: '0.0.0.0',
      LOG: 'info',
      MAESTRO_RELEASE: 'compose',
      MAESTRO_REVISION: 'compose',
      MAESTRO_SERVICE: 'order-api',
      MAESTRO_SLOT: 'blue',
      PORT: '8080',
      TOKEN: null,
      WEB_URL: 'http://elsewhere',
    });
    expect(services.web?.environment).toMatchObject({ PORT: '3000', ORDER_API_URL: 'http://order-api:8080' });
    expect(services.web?.environment).not.toHaveProperty('JOBS_URL');
    expect(services.jobs).toMatchObject({ environment: { KEY_FILE: '/run/secrets/KEY' }, secrets: ['KEY'] });
    expect(services.jobs?.environment).not.toHaveProperty('KEY');
    expect(text).toMatch(/^secrets:\n {2}KEY:\n {4}file: \.\/\.maestro\/development\/compose-secrets\/KEY$/m);
    expect(text).toContain(
      '# Start:  maestro secrets run -e development -- docker-compose -p shop-development up --build',
    );
  });

  it('has services wait until others are healthy, and jobs have ended', () => {
    const { services } = shop({
      prepare: { strategy: 'job' },
      api: { dependsOn: ['prepare'] },
      web: { dependsOn: ['api'] },
    });
    expect(services.api).toMatchObject({ depends_on: { prepare: { condition: 'service_completed_successfully' } } });
    expect(services.web).toMatchObject({ depends_on: { api: { condition: 'service_healthy' } } });
    expect(services.prepare).not.toHaveProperty('healthcheck');
  });

  const checks: readonly (readonly [string, ServiceInput['health'], readonly string[]])[] = [
    ['a request', { path: '/ready' }, ['ask', 'http://127.0.0.1:8080/ready', '127.0.0.1:8080', '200-299']],
    [
      'a request as others see it',
      { host: 'shop.example', statuses: ['204', '300-302'] },
      ['ask', 'http://127.0.0.1:8080/health', 'shop.example', '204-204', '300-302'],
    ],
    ['a command', { kind: 'command', command: ['check', '$HOME'] }, ['CMD', 'check', '$$HOME']],
    ['a port', { kind: 'tcp' }, ["grep -q ':1F90 [0-9A-F]*:0000 0A' /proc/net/tcp /proc/net/tcp6"]],
  ];
  it.each(checks)('asks for health by %s', (_, health, test) => {
    const { services } = shop({ api: { health } });
    const found = (services.api?.healthcheck as { readonly test: readonly string[] }).test;
    expect(found.slice(-test.length)).toEqual(test);
  });

  it("leaves the image's own health check as it is, but for its times", () => {
    const { services } = shop({
      api: { health: { kind: 'image', intervalMs: 2_500, startPeriodMs: 60_000, failures: 4, timeoutMs: 6_000 } },
    });
    expect(services.api?.healthcheck).toEqual({ interval: '2500ms', timeout: '6s', retries: 4, start_period: '60s' });
  });

  it('makes containers as a deployment makes them', () => {
    const { services, volumes, networks } = shop({
      api: {
        command: ['node', 'main.ts'],
        image: { ...image, user: '1000:50' },
        stopTimeoutMs: 90_000,
        container: {
          replicas: 2,
          cpus: 0.5,
          memory: '1.5g',
          pidsLimit: 100,
          volumes: [
            { type: 'volume', source: 'uploads', target: '/uploads' },
            { type: 'bind', source: '/srv/certs', target: '/certs', readOnly: true },
            { type: 'tmpfs', target: '/tmp', size: '16m' },
          ],
          networks: ['company'],
          ulimits: { nofile: { soft: 1, hard: 2 } },
          readOnly: true,
          capDrop: ['ALL'],
          capAdd: ['NET_RAW'],
          init: true,
          logging: { driver: 'local', options: { 'max-size': '1m' } },
        },
      },
    });
    expect(services.api).toMatchObject({
      entrypoint: ['node', 'main.ts'],
      user: '1000:50',
      stop_grace_period: '90s',
      scale: 2,
      cpus: 0.5,
      mem_limit: '1536m',
      memswap_limit: '1536m',
      pids_limit: 100,
      volumes: [
        { type: 'volume', source: 'uploads', target: '/uploads' },
        { type: 'bind', source: '/srv/certs', target: '/certs', read_only: true },
        { type: 'tmpfs', target: '/tmp', tmpfs: { size: 16_777_216 } },
      ],
      networks: ['default', 'company'],
      ulimits: { nofile: { soft: 1, hard: 2 } },
      read_only: true,
      cap_drop: ['ALL'],
      cap_add: ['NET_RAW'],
      security_opt: ['no-new-privileges:true'],
      init: true,
      logging: { driver: 'local', options: { 'max-size': '1m' } },
    });
    expect(volumes).toEqual({ uploads: {} });
    expect(networks).toEqual({ default: {}, company: { external: true, name: 'company' } });
  });

  it('keeps the data of a service where its migrations look for it', () => {
    const database = { adapter: 'sqlite', file: 'main/api.db' } as const;
    const { services, text } = shop({ api: { database } });
    expect(services.api).toMatchObject({
      environment: { DATABASE_PATH: '/data/main/api.db' },
      volumes: [{ type: 'bind', source: './.maestro/development/data/api', target: '/data' }],
    });
    expect(text).toContain('# Before: maestro migrate run -e development\n');
    const embedded = shop(
      { api: { database, command: ['node'] } },
      { environment: { runtime: 'embedded', proxy: { port: 0 } } },
    );
    expect(embedded.services.api).toMatchObject({ volumes: [{ source: './.maestro/development/data' }] });
  });

  it('runs what images say where only the processes of an embedded environment have a command', () => {
    const environment: EnvironmentInput = {
      runtime: 'embedded',
      proxy: { port: 0 },
      services: { api: { command: ['node', 'src/main.ts'] }, web: { command: ['node', 'src/main.ts'] } },
    };
    const { services } = shop({ api: {}, web: { command: ['node', 'dist/main.js'] } }, { environment });
    expect(services.api).not.toHaveProperty('entrypoint');
    expect(services.web).toMatchObject({ entrypoint: ['node', 'dist/main.js'] });
  });

  it('leaves the command to the image where the environment says one for processes', () => {
    const services = { api: { command: ['node', 'src/api.ts'] } };
    const embedded = { runtime: 'embedded', proxy: { port: 0 }, services } as const;
    expect(shop({ api: {} }, { environment: embedded }).services.api).not.toHaveProperty('entrypoint');
    const all = shop({ api: { command: ['node', 'api.js'] } }, { environment: embedded });
    expect(all.services.api).toMatchObject({ entrypoint: ['node', 'api.js'] });
  });

  it('answers where the environment does, by the routes of its services', () => {
    const { services } = shop({
      web: { route: { path: '/' } },
      api: { route: { path: '/api.v1' }, proxy: { maxBodyBytes: 10, streaming: true, snippet: 'more;' } },
      admin: { route: { host: 'admin.example' } },
      hidden: {},
    });
    expect(services.maestro_proxy).toMatchObject({
      image: 'nginx:stable-bookworm',
      ports: ['127.0.0.1:8080:80'],
      depends_on: { admin: { condition: 'service_healthy' }, api: {}, web: {} },
    });
    expect(Object.keys(services.maestro_proxy?.depends_on as object)).toEqual(['admin', 'api', 'web']);
    const { NGINX_CONFIGURATION: nginx = '' } = services.maestro_proxy?.environment as Record<string, string>;
    const [, anyHost = '', admin = ''] = nginx.replaceAll('$$', '$').split('server {\n');
    expect(anyHost).toBe(
      [
        '  listen 80 default_server;',
        '  server_name _;',
        '  location ~ "^/api\\.v1(/|$)" {',
        '    set $service http://api:8080;',
        '    proxy_pass $service;',
        '    proxy_read_timeout 3600000ms;',
        '    client_max_body_size 10;',
        '    proxy_buffering off;',
        '    more;',
        '  }',
        '  location / {',
        '    set $service http://web:8080;',
        '    proxy_pass $service;',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    expect(admin).toContain('  server_name admin.example;\n');
    expect(admin).toContain('  location / {\n    set $service http://admin:8080;\n');
  });

  const proxies: readonly (readonly [EnvironmentInput['proxy'], string])[] = [
    [{ port: 0 }, '127.0.0.1::80'],
    [{ host: '0.0.0.0', port: 80, image: 'nginx:1.28' }, '0.0.0.0:80:80'],
    [{ host: 'localhost', port: 1 }, '127.0.0.1:1:80'],
    [{ host: '::1', port: 1 }, '[::1]:1:80'],
  ];
  it.each(proxies)('publishes at %j', (proxy, port) => {
    const { services } = shop({ web: { route: {} } }, { environment: { runtime: 'docker', proxy } });
    expect(services.maestro_proxy).toMatchObject({ ports: [port], image: proxy.image ?? 'nginx:stable-bookworm' });
  });

  it('has no proxy where nobody has a route', () => {
    expect(Object.keys(shop({ api: {} }).services)).toEqual(['api']);
  });

  it('writes the same text for the same registry, whatever order its keys are in', () => {
    const container = { ulimits: { nofile: { soft: 1, hard: 1 } } };
    const api = { environment: { A: '1', B: '2' }, container };
    const turned = { container, environment: { B: '2', A: '1' } };
    expect(shop({ web: {}, api: turned }).text).toBe(shop({ api, web: {} }).text);
  });

  it('escapes what YAML 1.1 takes for line breaks', () => {
    const environment = { A: 'a\u0085', B: '\u2028$', C: '\ufeff"', D: '\u0085\n' };
    const { services, text } = shop({ api: { environment } });
    expect(text).not.toMatch(/[\u0085\u2028\ufeff]/);
    expect(services.api?.environment).toMatchObject({ ...environment, B: '\u2028$$' });
  });

  it('says which services compose cannot run, and what they lack', () => {
    const environment: EnvironmentInput = { runtime: 'embedded', proxy: { port: 0 } };
    const command = ['node'];
    const failure = failureOf(() => shop({ api: { image: undefined, command }, web: { command } }, { environment }));
    expect(failure).toMatchObject({
      code: 'REGISTRY_NO_IMAGE',
      message:
        '/shop/maestro.config.ts: services.api.image: missing, expected an object with dockerfile, since compose runs containers',
      hint: "write a Dockerfile, and `image: { dockerfile: '…' }` at services.api in /shop/maestro.config.ts",
    });
  });
});

interface Rendered {
  readonly text: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly volumes: unknown;
  readonly networks: unknown;
}

interface ShopOptions {
  readonly bases?: Parameters<typeof defineRegistry>[0]['bases'];
  readonly environment?: EnvironmentInput;
  readonly folder?: string;
}

function shop(services: Readonly<Record<string, Partial<ServiceInput>>>, options: ShopOptions = {}): Rendered {
  const { bases, environment = development, folder } = options;
  const registry = defineRegistry({
    project: 'shop',
    ...(bases === undefined ? {} : { bases }),
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { context: `services/${name}`, image, ...service }]),
    ),
    environments: { development: environment },
  });
  const text = renderCompose({ loaded: loaded(registry), environment: 'development', folder });
  return { text, ...(parse(text) as Omit<Rendered, 'text'>) };
}

function loaded(registry: object): LoadedRegistry {
  const checked = checkRegistry(registry);
  if (!checked.valid) throw new Error(JSON.stringify(checked.problems));
  return {
    file: '/shop/maestro.config.ts',
    root: '/shop',
    files: ['/shop/maestro.config.ts'],
    registry: checked.registry,
  };
}

function failureOf(render: () => unknown): unknown {
  try {
    render();
  } catch (error) {
    if (isMaestroError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
