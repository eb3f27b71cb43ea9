import { expect, it } from 'vitest';

import { merge } from '../plan/merge.ts';
import { registrySchema } from '../registry-schema.ts';
import { formatPath } from './problem.ts';
import { schemaProblems } from './schema-problems.ts';

const api = { context: 'services/api', command: ['node', 'main.ts'] };
const demo = { runtime: 'embedded', proxy: { port: 8080 } };
const shop = { project: 'shop', services: { api }, environments: { demo } };

const nameWanted = 'a name of at most 41 lower-case letters, digits and dashes that starts with a letter';
const variableWanted = 'a name of capital letters, digits and underscores';
const contextWanted = 'a relative path inside the folder of the registry file';
const commandWanted = 'a list that starts with the program to run';
const adapterWanted = 'expected "sqlite", "postgresql" or "mysql"';
const millisecondsWanted = 'a whole number of milliseconds from 1 to 2147483647';

/** What is laid over a registry without problems, and what is then said about it. */
const broken: readonly (readonly [name: string, change: object, problems: readonly string[]])[] = [
  ['an unknown key at the top', { servces: {} }, ['servces: unknown key, did you mean "services"?']],
  [
    'an unknown key far from all known ones',
    { x: 1 },
    ['x: unknown key, expected one of project, include, dockerfiles, defaults, bases, services, environments'],
  ],
  [
    'a misspelt key of a service',
    { services: { api: { helth: {} } } },
    ['services.api.helth: unknown key, did you mean "health"?'],
  ],
  [
    'a misspelt key deep inside',
    { services: { api: { health: { pth: '/' } } } },
    ['services.api.health.pth: unknown key, did you mean "path"?'],
  ],
  [
    'two unknown keys',
    { nme: 'x', services: { api: { rout: {} } } },
    [
      'services.api.rout: unknown key, did you mean "route"?',
      'nme: unknown key, expected one of project, include, dockerfiles, defaults, bases, services, environments',
    ],
  ],
  [
    'a misspelt key of an environment',
    { environments: { demo: { runtme: 1 } } },
    ['environments.demo.runtme: unknown key, did you mean "runtime"?'],
  ],
  ['a project with capitals', { project: 'Shop' }, [`project: expected ${nameWanted}`]],
  ['a project that is a number', { project: 7 }, [`project: expected ${nameWanted}, not a number`]],
  ['services as a list', { services: [] }, ['services: expected an object with a key for each service, not a list']],
  [
    'a service without anything',
    { services: { web: {} } },
    [`services.web.context: missing, expected ${contextWanted}`],
  ],
  [
    'a service that is null',
    { services: { web: null } },
    ['services.web: expected an object with context, command, image, route and more, not null'],
  ],
  [
    'an absolute context',
    { services: { api: { context: '/srv/api' } } },
    [`services.api.context: expected ${contextWanted}`],
  ],
  [
    'a context of another drive',
    { services: { api: { context: 'C:\\api' } } },
    [`services.api.context: expected ${contextWanted}`],
  ],
  [
    'a context outside of the root',
    { services: { api: { context: 'services/../../api' } } },
    [`services.api.context: expected ${contextWanted}`],
  ],
  [
    'a context outside of the root with backslashes',
    { services: { api: { context: '..\\api' } } },
    [`services.api.context: expected ${contextWanted}`],
  ],
  ['an empty context', { services: { api: { context: '' } } }, [`services.api.context: expected ${contextWanted}`]],
  [
    'a state folder outside of the root',
    { environments: { demo: { state: '../state' } } },
    [`environments.demo.state: expected ${contextWanted}`],
  ],
  [
    'migrations outside of the context',
    { services: { api: { database: { adapter: 'sqlite', file: 'a.db', migrations: '..' } } } },
    ['services.api.database.migrations: expected a relative path inside the context of the service'],
  ],
  [
    'a database file that is a folder',
    { services: { api: { database: { adapter: 'sqlite', file: './' } } } },
    ['services.api.database.file: expected the relative path of a file inside the data folder of the environment'],
  ],
  [
    'an unknown database',
    { services: { api: { database: { adapter: 'oracle', file: 'a.db' } } } },
    [`services.api.database.adapter: ${adapterWanted}`],
  ],
  [
    'a database without an adapter',
    { services: { api: { database: {} } } },
    [`services.api.database.adapter: missing, ${adapterWanted}`],
  ],
  [
    'a database that is a list',
    { services: { api: { database: [] } } },
    ['services.api.database: expected an object with adapter, not a list'],
  ],
  [
    'a misspelt key of a database, by what its adapter has',
    {
      services: {
        api: { database: { adapter: 'postgresql', urlSecret: 'URL', shema: 'shop' } },
        web: { ...api, database: { adapter: 'mysql', urlSecret: 'URL', schema: 'shop' } },
      },
    },
    [
      'services.api.database.shema: unknown key, did you mean "schema"?',
      'services.web.database.schema: unknown key, expected one of adapter, urlSecret, host, port, database, user, ' +
        'passwordSecret, tls, migrations, dump, variable, rotation',
    ],
  ],
  [
    'a URL where the name of its secret is expected',
    { services: { api: { database: { adapter: 'postgresql', urlSecret: 'postgres://shop:canary@db/shop' } } } },
    [`services.api.database.urlSecret: expected ${variableWanted}`],
  ],
  [
    'a database that is nowhere',
    { services: { api: { database: { adapter: 'mysql' } } } },
    [
      'services.api.database.urlSecret: missing, expected the name of a secret with the URL; or host, database and user',
    ],
  ],
  [
    'half an address of a database',
    { services: { api: { database: { adapter: 'mysql', host: 'db', passwordSecret: 'PASSWORD' } } } },
    [
      'services.api.database.database: missing, expected the name of a database',
      'services.api.database.user: missing, expected the name of a user',
    ],
  ],
  [
    'a database that is in two places',
    {
      services: {
        api: { database: { adapter: 'postgresql', urlSecret: 'URL', host: 'db', variable: 'DATABASE_URL', tls: true } },
      },
    },
    [
      'services.api.database.host: expected only without urlSecret: the URL says where the database is',
      'services.api.database.variable: expected only without urlSecret: the URL says where the database is',
      'services.api.database.tls: expected only without urlSecret: the URL says it, ?sslmode=verify-full',
    ],
  ],
  [
    'a rotation that nothing can do',
    {
      services: {
        api: {
          database: {
            ...{ adapter: 'postgresql', host: 'db', database: 'shop', user: 'shop' },
            rotation: { secret: 'LOGIN', strategy: 'single-user', users: ['a', 'b'], accountHost: '%' },
          },
        },
        web: { ...api, database: { adapter: 'mysql', urlSecret: 'URL', rotation: { strategy: 'none', users: ['a'] } } },
      },
    },
    [
      'services.api.database.rotation.users: expected only where the strategy is "alternating-users"',
      'services.api.database.rotation.accountHost: expected only for mysql: users of PostgreSQL have no host',
      'services.api.database.rotation.adminSecret: missing, expected the name of a secret: the database has no password ' +
        'to change others with',
      `services.web.database.rotation.secret: missing, expected ${variableWanted}`,
      'services.web.database.rotation.strategy: expected "alternating-users" or "single-user"',
      'services.web.database.rotation.users: expected a list of two users',
    ],
  ],
  [
    'parts of an address that are none',
    {
      services: {
        api: {
          database: { adapter: 'mysql', host: 'db:3306', port: 0, database: '/shop', user: 'ada:canary', tls: 'yes' },
        },
      },
    },
    [
      'services.api.database.host: expected a host name or address',
      'services.api.database.port: expected a port from 1 to 65535',
      'services.api.database.database: expected the name of a database',
      'services.api.database.user: expected the name of a user',
      'services.api.database.tls: expected true, false or an object with ca',
    ],
  ],
  ['an empty command', { services: { api: { command: [] } } }, [`services.api.command: expected ${commandWanted}`]],
  [
    'a command without a program',
    { services: { api: { command: ['', '--port'] } } },
    [`services.api.command: expected ${commandWanted}`],
  ],
  [
    'a command as one string',
    { services: { api: { command: 'node main.ts' } } },
    [`services.api.command: expected ${commandWanted}, not a string`],
  ],
  [
    'a number in a command',
    { services: { api: { command: ['node', 1] } } },
    ['services.api.command[1]: expected a string in quotes, not a number'],
  ],
  [
    'a route path without a slash',
    { services: { api: { route: { path: 'api' } } } },
    ['services.api.route.path: expected a path that starts with "/"'],
  ],
  [
    'a route host with a scheme',
    { services: { api: { route: { host: 'https://shop.example' } } } },
    ['services.api.route.host: expected a host name without scheme, port and path'],
  ],
  [
    'a time with a fraction',
    { services: { api: { health: { timeoutMs: 1.5 } } } },
    [`services.api.health.timeoutMs: expected ${millisecondsWanted}`],
  ],
  [
    'a time too long for a timer',
    { services: { api: { health: { deadlineMs: 2 ** 31 } } } },
    [`services.api.health.deadlineMs: expected ${millisecondsWanted}`],
  ],
  [
    'a time as text',
    { services: { api: { drainTimeoutMs: '30s' } } },
    ['services.api.drainTimeoutMs: expected a whole number of milliseconds from 0 to 2147483647, not a string'],
  ],
  [
    'a port out of range',
    { environments: { demo: { proxy: { port: 65_536 } } } },
    ['environments.demo.proxy.port: expected a port from 0 (any free one) to 65535'],
  ],
  [
    'an unknown runtime',
    { environments: { demo: { runtime: 'podman' } } },
    ['environments.demo.runtime: expected "embedded" or "docker"'],
  ],
  [
    'images that are none',
    {
      environments: {
        demo: {
          images: {
            engine: '/var/run/docker.sock',
            repository: 'https://ada:secret@registry.example.com',
            allowDirty: 'yes',
            scan: { scanner: 'clair', failOn: 'worst', allow: [{ id: 'CVE-2026-1', reason: ' ', until: 'soon' }] },
          },
        },
      },
    },
    [
      'environments.demo.images.engine: expected the address of a Docker Engine, unix:///… or tcp://…',
      'environments.demo.images.repository: expected an address such as https://registry.example.com/team, without a login',
      'environments.demo.images.allowDirty: expected true or false, not a string',
      'environments.demo.images.scan.scanner: expected "trivy" or "ecr"',
      'environments.demo.images.scan.failOn: expected one of negligible, low, medium, high, critical',
      'environments.demo.images.scan.allow[0].reason: expected why the vulnerability is accepted',
      'environments.demo.images.scan.allow[0].until: expected a day such as "2026-12-31"',
    ],
  ],
  [
    'a misspelt key of an image',
    { services: { api: { image: { dockerfle: 'api.Dockerfile' } } } },
    [
      'services.api.image.dockerfile: missing, expected the path of a Dockerfile, or central:<name>',
      'services.api.image.dockerfle: unknown key, did you mean "dockerfile"?',
    ],
  ],
  [
    'secrets from nowhere that is known',
    { environments: { demo: { secrets: { source: 'vault', file: '.env' } } } },
    ['environments.demo.secrets.source: expected "dotenv" or "aws"'],
  ],
  [
    'secrets without a source',
    { environments: { demo: { secrets: { file: '.env' } } } },
    ['environments.demo.secrets.source: missing, expected "dotenv" or "aws"'],
  ],
  [
    'secrets that are no object',
    { environments: { demo: { secrets: '.env' } } },
    ['environments.demo.secrets: expected an object with source, not a string'],
  ],
  [
    'secrets in AWS that are nowhere',
    { environments: { demo: { secrets: { source: 'aws', regions: [] } } } },
    ['environments.demo.secrets.regions[0]: missing, expected a region such as "eu-central-1"'],
  ],
  [
    'secrets in AWS with what belongs to a file',
    {
      environments: {
        demo: {
          secrets: {
            source: 'aws',
            regions: ['Frankfurt'],
            prefix: 'a b',
            endpoint: 'http://key@aws',
            regoins: [],
            file: '.env',
          },
        },
      },
    },
    [
      'environments.demo.secrets.regions[0]: expected a region such as "eu-central-1"',
      'environments.demo.secrets.prefix: expected A-Z a-z 0-9 / _ + = . @ ! -',
      'environments.demo.secrets.endpoint: expected a URL of http or https with a host and no login',
      'environments.demo.secrets.regoins: unknown key, did you mean "regions"?',
      'environments.demo.secrets.file: unknown key, expected one of source, regions, prefix, endpoint',
    ],
  ],
  [
    'a variable with small letters',
    { services: { api: { environment: { logLevel: 'debug' } } } },
    [`services.api.environment.logLevel: expected ${variableWanted}`],
  ],
  [
    'a variable that is a number',
    { environments: { demo: { environment: { PORT: 3000 } } } },
    ['environments.demo.environment.PORT: expected a string in quotes, not a number'],
  ],
  [
    'a secret with a dash',
    {
      services: { api: { secrets: ['API-KEY'] } },
      environments: { demo: { secrets: { source: 'dotenv', file: '.env' } } },
    },
    [`services.api.secrets[0]: expected ${variableWanted}`],
  ],
];

it.each(broken)('reports %s', (_, change, problems) => {
  expect(problemsOf(merge(shop, change))).toEqual(problems);
});

it.each([null, 'text', [], 7])('reports a registry that is %j', (value) => {
  expect(problemsOf(value)).toEqual([
    expect.stringContaining(
      ': expected an object with project, include, dockerfiles, defaults, bases, services, environments, not ',
    ),
  ]);
});

it('reports nothing where nothing is wrong', () => {
  expect(problemsOf(shop)).toEqual([]);
});

function problemsOf(value: unknown): string[] {
  return schemaProblems(registrySchema, value).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}
