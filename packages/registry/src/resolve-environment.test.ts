import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { checkRegistry } from './checks/check-registry.ts';
import { defineRegistry, type EnvironmentInput } from './define-registry.ts';
import type { LoadedRegistry } from './load-registry.ts';
import { merge } from './plan/merge.ts';
import { databaseSecrets } from './resolve-database.ts';
import { resolveEnvironment } from './resolve-environment.ts';

const shop = defineRegistry({
  project: 'shop',
  services: {
    web: {
      context: 'services/web',
      command: ['node', 'web.ts'],
      dependsOn: ['api'],
      environment: { LOG: 'service', COLOUR: 'blue' },
      route: { path: '/' },
    },
    api: {
      context: 'services/api',
      command: ['node', 'api.ts'],
      health: { path: '/ready' },
      secrets: ['TOKEN'],
      database: { adapter: 'sqlite', file: 'api.db' },
    },
  },
  environments: {
    demo: { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: 'config/.env' } },
    production: {
      runtime: 'embedded',
      proxy: { host: '0.0.0.0', port: 80 },
      secrets: { source: 'dotenv', file: '/run/shop.env' },
      state: 'state/production',
      environment: { LOG: 'environment', REGION: 'eu' },
      services: {
        web: { route: { host: 'shop.example' }, environment: { COLOUR: 'green' }, command: ['web'] },
        api: { route: {}, health: { deadlineMs: 1 }, database: { migrations: 'db' } },
      },
    },
  },
});

describe('resolveEnvironment', () => {
  it('keeps services as they are where the environment changes nothing', () => {
    const { services, ...environment } = resolveEnvironment(loaded(shop), 'demo');
    expect(environment).toEqual({
      project: 'shop',
      name: 'demo',
      file: '/shop/maestro.config.ts',
      root: '/shop',
      runtime: 'embedded',
      proxy: { host: '127.0.0.1', port: 0 },
      secrets: { source: 'dotenv', file: '/shop/config/.env' },
      images: null,
      network: {},
      bakeMs: 0,
      canary: null,
      limits: {},
      gates: [],
      hooks: [],
      retention: { releases: {} },
      bases: [],
      stateFolder: '/shop/.maestro/demo',
    });
    expect(services[0]).toEqual({
      name: 'api',
      context: 'services/api',
      contextFolder: '/shop/services/api',
      command: ['node', 'api.ts'],
      image: null,
      containerUser: null,
      route: null,
      health: { kind: 'http', path: '/ready', timeoutMs: 2_000, intervalMs: 50, deadlineMs: 30_000 },
      strategy: { kind: 'blue-green' },
      gates: [],
      hooks: [],
      sharedPaths: [],
      container: null,
      passing: null,
      canary: null,
      dependsOn: [],
      environment: {},
      secrets: ['TOKEN'],
      database: {
        adapter: 'sqlite',
        file: 'api.db',
        migrations: 'migrations',
        migrationsFolder: '/shop/services/api/migrations',
        dumpFile: null,
        variable: 'DATABASE_PATH',
      },
      drainTimeoutMs: 30_000,
      stopTimeoutMs: 10_000,
    });
    expect(services[1]?.database).toBeNull();
  });

  it('says where images of containers are built and kept, with paths from the registry file on', () => {
    const containers = defineRegistry({
      project: 'shop',
      bases: { 'node-base': { dockerfile: 'dockerfiles/node.Dockerfile', context: 'dockerfiles' } },
      services: {
        web: {
          context: 'services/web',
          image: { dockerfile: 'dockerfiles/web.Dockerfile', context: '.', target: 'run', user: '1000:50' },
        },
        api: { context: 'services/api', image: { dockerfile: 'dockerfiles/api.Dockerfile', args: { LEVEL: '2' } } },
      },
      environments: {
        development: { runtime: 'docker', proxy: { port: 0 } },
        production: {
          runtime: 'docker',
          proxy: { port: 80 },
          images: { repository: 'https://registry.example.com:5000/team/shop/', ca: 'ca.pem' },
        },
      },
    });
    const { images, bases, services } = resolveEnvironment(loaded(containers), 'production');
    expect(images).toEqual({
      ca: '/shop/ca.pem',
      repository: { registry: 'https://registry.example.com:5000', namespace: 'team/shop' },
      allowDirty: false,
    });
    expect(bases).toEqual([
      {
        name: 'node-base',
        dockerfile: '/shop/dockerfiles/node.Dockerfile',
        contextFolder: '/shop/dockerfiles',
        target: undefined,
        args: {},
        platforms: ['linux/amd64'],
      },
    ]);
    expect(services.map(({ name, containerUser }) => [name, containerUser])).toEqual([
      ['web', { uid: 1000, gid: 50 }],
      ['api', null],
    ]);
    expect(services.map(({ image, command }) => ({ ...image, command }))).toEqual([
      {
        dockerfile: '/shop/dockerfiles/web.Dockerfile',
        contextFolder: '/shop',
        target: 'run',
        args: {},
        platforms: ['linux/amd64'],
        command: null,
      },
      {
        dockerfile: '/shop/dockerfiles/api.Dockerfile',
        contextFolder: '/shop/services/api',
        target: undefined,
        args: { LEVEL: '2' },
        platforms: ['linux/amd64'],
        command: null,
      },
    ]);
    expect(resolveEnvironment(loaded(containers), 'development').images).toEqual({
      repository: null,
      allowDirty: true,
    });
  });

  it('merges what the environment changes into the services, and completes what only it brings', () => {
    const [api, web] = resolveEnvironment(loaded(shop), 'production').services;
    expect(web?.command).toEqual(['web']);
    expect(web?.route).toEqual({ host: 'shop.example', path: '/' });
    expect(api?.route).toEqual({ path: '/' });
    expect(api?.health).toEqual({ kind: 'http', path: '/ready', timeoutMs: 2_000, intervalMs: 50, deadlineMs: 1 });
    expect(api?.database?.migrationsFolder).toBe('/shop/services/api/db');
  });

  it('takes a database of another kind as the environment describes it, with nothing left of the first one', () => {
    const registry = merge(shop, {
      environments: {
        production: {
          services: {
            api: {
              database: {
                adapter: 'postgresql',
                urlSecret: 'DATABASE_URL',
                migrations: 'postgresql',
                dump: 'schema.sql',
                schema: 'shop',
                rotation: { secret: 'LOGIN', users: ['a', 'b'] },
              },
            },
            web: { database: { adapter: 'mysql', host: 'db', database: 'web', user: 'web', tls: { ca: 'ca.pem' } } },
          },
        },
        demo: { services: { api: { database: { migrations: 'db' } } } },
      },
    });
    const [api, web] = resolveEnvironment(loaded(registry), 'production').services;
    expect(api?.database).toEqual({
      adapter: 'postgresql',
      address: { urlSecret: 'DATABASE_URL' },
      schema: 'shop',
      tls: false,
      rotation: { secret: 'LOGIN', strategy: 'alternating-users', users: ['a', 'b'] },
      migrations: 'postgresql',
      migrationsFolder: '/shop/services/api/postgresql',
      dumpFile: '/shop/services/api/schema.sql',
    });
    expect(web?.database).toEqual({
      adapter: 'mysql',
      address: { host: 'db', port: 3306, database: 'web', user: 'web', passwordSecret: null, variable: 'DATABASE_URL' },
      schema: null,
      tls: { ca: '/shop/ca.pem' },
      rotation: null,
      migrations: 'migrations',
      migrationsFolder: '/shop/services/web/migrations',
      dumpFile: null,
    });
    expect([api, web].map((service) => databaseSecrets(service?.database ?? null))).toEqual([['DATABASE_URL'], []]);
    const [demo] = resolveEnvironment(loaded(registry), 'demo').services;
    expect(demo?.database).toMatchObject({ adapter: 'sqlite', file: 'api.db', migrations: 'db' });
  });

  it("lets a service's own variables win over the environment's", () => {
    const web = resolveEnvironment(loaded(shop), 'production').services[1];
    expect(web?.environment).toEqual({ LOG: 'service', COLOUR: 'green', REGION: 'eu' });
  });

  it("keeps an environment's secrets in AWS under its own names", () => {
    const on = (secrets: EnvironmentInput['secrets']) => {
      const demo = { ...shop.environments.demo, secrets };
      return resolveEnvironment(loaded({ ...shop, environments: { demo } }), 'demo').secrets;
    };
    const aws = { source: 'aws' as const, regions: ['eu-central-1', 'eu-west-1'] as [string, string] };
    expect(on(aws)).toEqual({ source: 'aws', regions: aws.regions, prefix: 'shop/demo/' });
    expect(on({ ...aws, prefix: '' })).toMatchObject({ prefix: '' });
    expect(on({ ...aws, endpoint: 'http://127.0.0.1:5000' })).toMatchObject({ endpoint: 'http://127.0.0.1:5000' });
  });

  it('takes the state folder and an absolute secrets file from where the environment says', () => {
    const { stateFolder, secrets } = resolveEnvironment(loaded(shop), 'production');
    expect(stateFolder).toBe('/shop/state/production');
    expect(secrets).toEqual({ source: 'dotenv', file: '/run/shop.env' });
  });

  it('puts services in dependency order, which an environment may change', () => {
    const reversed = { web: { dependsOn: [] }, api: { dependsOn: ['web'] } };
    const registry = merge(shop, { environments: { production: { services: reversed } } });
    const names = (environment: string) =>
      resolveEnvironment(loaded(registry), environment).services.map(({ name }) => name);
    expect(names('demo')).toEqual(['api', 'web']);
    expect(names('production')).toEqual(['web', 'api']);
  });

  it('takes a service for one like any other when its name is a property of every object', () => {
    const registry = defineRegistry({
      project: 'shop',
      services: { constructor: { context: 'c', command: ['c'] } },
      environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
    });
    expect(resolveEnvironment(loaded(registry), 'demo').services[0]?.command).toEqual(['c']);
  });

  it.each([
    ['prodution', 'did you mean "production"?', 'maestro plan --environment production'],
    ['staging', 'there are: demo, production', 'maestro plan --environment demo'],
    ['constructor', 'there are: demo, production', 'maestro plan --environment demo'],
  ])('refuses the unknown environment %s', (name, advice, hint) => {
    const message = `no environment is named "${name}"; ${advice}`;
    const error = thrownBy(() => resolveEnvironment(loaded(shop), name));
    expect(error).toMatchObject({ code: 'REGISTRY_UNKNOWN_ENVIRONMENT', message, hint });
    expect(error.details).toEqual({ environment: name, known: ['demo', 'production'] });
  });
});

function loaded(input: unknown): LoadedRegistry {
  const checked = checkRegistry(input);
  if (!checked.valid) throw new Error(JSON.stringify(checked.problems));
  return {
    file: '/shop/maestro.config.ts',
    root: '/shop',
    files: ['/shop/maestro.config.ts'],
    registry: checked.registry,
  };
}

function thrownBy(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isMaestroError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
