import { expect, it } from 'vitest';

import { formatPath } from '../checks/problem.ts';
import { loadedServiceSchema } from '../registry-schema.ts';
import { filePathsIn, withFilePaths } from './file-paths.ts';

const service = {
  context: 'services/api',
  image: { dockerfile: 'central:api', context: '.', target: 'run' },
  sharedPaths: ['libs/money', 'libs/log'],
  database: { adapter: 'mysql', urlSecret: 'URL', tls: { ca: 'db.pem' }, migrations: 'migrations' },
};

const registry = {
  project: 'shop',
  defaults: { image: { dockerfile: 'Dockerfile' } },
  bases: { node: { dockerfile: 'node.Dockerfile', context: 'bases' } },
  services: { api: service },
  environments: {
    production: {
      proxy: {
        port: 80,
        maintenancePage: 'away.html',
        tls: { certificates: [{ certificate: 'a.pem', key: 'a.key' }] },
      },
      images: { ca: 'ca.pem', engine: 'tcp://engine:2376' },
      secrets: { source: 'dotenv', file: '.env' },
      state: 'state',
      services: { api: { context: 'other', image: { dockerfile: 'other.Dockerfile' } } },
    },
  },
};

it('finds every path that starts from the registry file, and no other one', () => {
  expect(filePathsIn(registry).map(({ path, value }) => `${formatPath(path)} ${value}`)).toEqual([
    'defaults.image.dockerfile Dockerfile',
    'bases.node.dockerfile node.Dockerfile',
    'bases.node.context bases',
    'services.api.context services/api',
    'services.api.image.dockerfile central:api',
    'services.api.image.context .',
    'services.api.sharedPaths[0] libs/money',
    'services.api.sharedPaths[1] libs/log',
    'services.api.database.tls.ca db.pem',
    'environments.production.proxy.maintenancePage away.html',
    'environments.production.proxy.tls.certificates[0].certificate a.pem',
    'environments.production.proxy.tls.certificates[0].key a.key',
    'environments.production.images.ca ca.pem',
    'environments.production.secrets.file .env',
    'environments.production.state state',
    'environments.production.services.api.context other',
    'environments.production.services.api.image.dockerfile other.Dockerfile',
  ]);
});

it('puts others in their place, and leaves the registry as it was', () => {
  const before = structuredClone(registry);
  const moved = withFilePaths(registry, ({ value }) => `../platform/${value}`);
  expect(moved.services.api.image.context).toBe('../platform/.');
  expect(moved.environments.production.services.api.context).toBe('../platform/other');
  expect(moved.services.api.database.migrations).toBe('migrations');
  expect(filePathsIn(moved).every(({ value }) => value.startsWith('../platform/'))).toBe(true);
  expect(registry).toEqual(before);
});

it('finds nothing in what is no registry', () => {
  expect([null, 'text', [], { services: [] }, { services: { api: { context: 1 } } }].flatMap(filePathsIn)).toEqual([]);
});

it('may lead anywhere in a service of a registry that was loaded', () => {
  const moved = withFilePaths({ services: { api: service } }, ({ value }) => `../../${value}`);
  expect(loadedServiceSchema.safeParse(moved.services.api).error).toBeUndefined();
});
