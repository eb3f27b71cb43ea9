import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { merge } from '../plan/merge.ts';
import { checkRegistry } from './check-registry.ts';
import { formatPath } from './problem.ts';

const api = { context: 'services/api', command: ['node', 'main.ts'] };
const demo = { runtime: 'embedded', proxy: { port: 8080 } };
const shop = { project: 'shop', services: { api }, environments: { demo } };

const nameWanted = 'a name of at most 41 lower-case letters, digits and dashes that starts with a letter';
const contextWanted = 'a relative path inside the folder of the registry file';
const commandWanted = 'a list that starts with the program to run';

/** What is laid over a registry without problems, and what is then said about it. */
const broken: readonly (readonly [name: string, change: object, problems: readonly string[]])[] = [
  [
    'a service with a bad name and bad contents',
    { services: { My_API: { ...api, context: 1 } } },
    [`services.My_API.context: expected ${contextWanted}, not a number`, `services.My_API: expected ${nameWanted}`],
  ],
  [
    'a service named __proto__',
    { services: JSON.parse('{"__proto__": { "command": ["node"] }}') as object },
    [`services.__proto__: expected ${nameWanted}`],
  ],
  [
    'an environment with a name of 42 letters',
    { environments: { [`e${'x'.repeat(41)}`]: { ...demo, proxy: { port: 0 } } } },
    [`environments.e${'x'.repeat(41)}: expected ${nameWanted}`],
  ],
  [
    'a dependency that is nearly a service',
    { services: { web: { ...api, dependsOn: ['apii'] } } },
    ['services.web.dependsOn[0]: no service is named "apii"; did you mean "api"?'],
  ],
  [
    'a dependency like no service',
    { services: { web: { ...api, dependsOn: ['database'] } } },
    ['services.web.dependsOn[0]: no service is named "database"; there are: api, web'],
  ],
  [
    'a service that nothing starts',
    { services: { web: { context: 'services/web' } } },
    [`services.web.command: missing, expected ${commandWanted}`],
  ],
  [
    'a service with an image alone where services are processes',
    { services: { web: { context: 'services/web', image: { dockerfile: 'web.Dockerfile' } } } },
    [`environments.demo.services.web.command: missing, expected ${commandWanted}`],
  ],
  [
    'a service without an image where services are containers',
    { environments: { production: { runtime: 'docker', proxy: { port: 80 } } } },
    [
      'environments.production.services.api.image: missing, expected an object with dockerfile, since this environment ' +
        'runs containers',
    ],
  ],
  [
    'images of an environment without containers',
    { environments: { demo: { images: {} } } },
    ['environments.demo.images: expected only where the runtime is "docker"'],
  ],
  [
    'a base image with the name of a service',
    { bases: { api: { dockerfile: 'base.Dockerfile', context: '.' } } },
    ['bases.api: expected another name than that of a service'],
  ],
  [
    'a circle of two',
    { services: { api: { dependsOn: ['web'] }, web: { ...api, dependsOn: ['api'] } } },
    ['services.api.dependsOn: services depend on one another: api -> web -> api'],
  ],
  [
    'a service that depends on itself',
    { services: { api: { dependsOn: ['api'] } } },
    ['services.api.dependsOn: services depend on one another: api -> api'],
  ],
  [
    'two services with one route',
    { services: { api: { route: { path: '/shop/' } }, web: { ...api, route: { path: '/shop' } } } },
    ['services.web.route: the same route as "api": any host, path /shop'],
  ],
  [
    'two services with one route but for capitals',
    {
      services: {
        api: { route: { host: 'Shop.example' } },
        web: { ...api, route: { host: 'shop.example', path: '/' } },
      },
    },
    ['services.web.route: the same route as "api": host shop.example, path /'],
  ],
  [
    'secrets without a source',
    { services: { api: { secrets: ['TOKEN', 'SALT'] } } },
    ['environments.demo.secrets: missing, expected where secrets come from: api needs TOKEN, SALT'],
  ],
  [
    'secrets that only an environment asks for',
    { environments: { demo: { services: { api: { secrets: ['TOKEN'] } } } } },
    ['environments.demo.secrets: missing, expected where secrets come from: api needs TOKEN'],
  ],
  [
    'secrets that only a database is reached with',
    {
      services: {
        api: { database: { adapter: 'postgresql', urlSecret: 'DATABASE_URL' } },
        web: { ...api, database: { adapter: 'mysql', host: 'db', database: 'w', user: 'w', passwordSecret: 'WEB_DB' } },
      },
    },
    ['environments.demo.secrets: missing, expected where secrets come from: api needs DATABASE_URL; web needs WEB_DB'],
  ],
  [
    'a secret that is rotated twice',
    {
      services: {
        api: { database: { adapter: 'postgresql', urlSecret: 'URL', rotation: { secret: 'LOGIN' } } },
        web: { ...api, database: { adapter: 'mysql', urlSecret: 'URL', rotation: { secret: 'LOGIN' } } },
      },
      environments: { demo: { secrets: { source: 'dotenv', file: '.env' } } },
    },
    ['services.web.database.rotation.secret: LOGIN is rotated for "api" already, expected in one service only'],
  ],
  [
    'a database of another kind that an environment says only the adapter of',
    {
      services: { api: { database: { adapter: 'sqlite', file: 'api.db' } } },
      environments: { demo: { services: { api: { database: { adapter: 'mysql' } } } } },
    },
    [
      'environments.demo.services.api.database.urlSecret: missing, expected the name of a secret with the URL; or host, ' +
        'database and user',
    ],
  ],
  [
    'an override of an unknown service',
    { environments: { demo: { services: { ap: {} } } } },
    ['environments.demo.services.ap: no service is named "ap"; did you mean "api"?'],
  ],
  [
    'an override that is no object',
    { environments: { demo: { services: { api: 1 } } } },
    ['environments.demo.services.api: expected an object with what differs for the service'],
  ],
  [
    'a misspelt key in an override',
    { environments: { demo: { services: { api: { comand: [] } } } } },
    ['environments.demo.services.api.comand: unknown key, did you mean "command"?'],
  ],
  [
    'an override that leaves something out',
    { environments: { demo: { services: { api: { database: { file: 'a.db' } } } } } },
    ['environments.demo.services.api.database.adapter: missing, expected "sqlite", "postgresql" or "mysql"'],
  ],
  [
    'an override that makes a circle',
    {
      services: { web: { ...api, dependsOn: ['api'] } },
      environments: { demo: { services: { api: { dependsOn: ['web'] } } } },
    },
    ['environments.demo.services.api.dependsOn: services depend on one another: api -> web -> api'],
  ],
  [
    'an override that takes a route',
    {
      services: { api: { route: { path: '/' } }, web: { ...api, route: { path: '/web' } } },
      environments: { demo: { services: { web: { route: { path: '/' } } } } },
    },
    ['environments.demo.services.web.route: the same route as "api": any host, path /'],
  ],
  [
    'the same mistake in a service and its override',
    { services: { api: { command: 1 } }, environments: { demo: { services: { api: { command: 1 } } } } },
    [
      `services.api.command: expected ${commandWanted}, not a number`,
      `environments.demo.services.api.command: expected ${commandWanted}, not a number`,
    ],
  ],
];

describe('checkRegistry', () => {
  it.each(broken)('reports %s', (_, change, problems) => {
    expect(problemsOf(merge(shop, change))).toEqual(problems);
  });

  it('reports problems between services although others are malformed', () => {
    const services = { api: { ...api, command: 1, dependsOn: ['web'] }, web: { ...api, dependsOn: ['api'] } };
    expect(problemsOf({ ...shop, services })).toEqual([
      `services.api.command: expected ${commandWanted}, not a number`,
      'services.api.dependsOn: services depend on one another: api -> web -> api',
    ]);
  });

  it('reports a problem of a service once, however many environments have the service', () => {
    const services = { api: { ...api, command: 1, dependsOn: ['nobody'] } };
    const environments = {
      demo: { ...demo, services: { api: { context: 'other' } } },
      production: { ...demo, proxy: { port: 0 } },
    };
    expect(problemsOf({ ...shop, services, environments })).toHaveLength(2);
  });

  it('fills in what was left out', () => {
    expect(checkRegistry(shop)).toEqual({
      valid: true,
      registry: {
        project: 'shop',
        bases: {},
        services: {
          api: {
            ...api,
            health: { kind: 'http', timeoutMs: 2_000, intervalMs: 50, deadlineMs: 30_000 },
            container: {
              port: 8080,
              replicas: 1,
              secretsAs: 'variables',
              volumes: [],
              networks: [],
              ulimits: {},
              readOnly: false,
              capDrop: [],
              capAdd: [],
              init: false,
            },
            strategy: 'blue-green',
            gates: {},
            hooks: {},
            sharedPaths: [],
            dependsOn: [],
            environment: {},
            secrets: [],
            drainTimeoutMs: 30_000,
            stopTimeoutMs: 10_000,
          },
        },
        environments: {
          demo: {
            runtime: 'embedded',
            proxy: { host: '127.0.0.1', port: 8080 },
            bakeMs: 0,
            gates: {},
            hooks: {},
            environment: {},
            services: {},
          },
        },
      },
    });
  });

  it('leaves overrides as they are written, so that no default hides what the service says', () => {
    const override = { health: { path: '/ready' }, route: {} };
    const checked = checkRegistry(merge(shop, { environments: { demo: { services: { api: override } } } }));
    expect(checked.valid && checked.registry.environments.demo?.services).toEqual({ api: override });
  });

  it('never repeats what an environment variable holds', () => {
    const mistakes = fc.constantFrom<(value: string) => object | string>(
      (value) => value,
      (value) => [`TOKEN=${value}`],
      (value) => ({ TOKEN: { value } }),
      (value) => ({ token: value }),
      (value) => ({ TOKEN: [value] }),
    );
    const property = fc.property(mistakes, mistakes, mistakes, (first, second, third) => {
      const input = merge(shop, {
        services: { api: { environment: first('hunter2') } },
        environments: {
          demo: { environment: second('hunter2'), services: { api: { environment: third('hunter2') } } },
        },
      });
      const problems = problemsOf(input);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join()).not.toContain('hunter2');
    });
    fc.assert(property);
  });
});

function problemsOf(input: unknown): string[] {
  const checked = checkRegistry(input);
  return checked.valid ? [] : checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}
