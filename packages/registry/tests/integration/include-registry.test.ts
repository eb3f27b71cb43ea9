import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { loadRegistry, resolveEnvironment } from '../../src/index.ts';
import { folderWith } from './temporary-folder.ts';

const platform = `
project: platform
dockerfiles: dockerfiles
defaults:
  image: { dockerfile: 'central:node-service' }
  container: { memory: 256m }
bases:
  node: { dockerfile: bases/node.Dockerfile, context: bases }
services:
  gateway:
    context: services/gateway
    sharedPaths: [libs]
    route: { path: / }
    database: { adapter: postgresql, host: db, database: shop, user: shop, tls: { ca: certificates/db.pem } }
environments:
  production:
    runtime: docker
    proxy:
      port: 80
      maintenancePage: pages/away.html
      tls: { certificates: [{ certificate: certificates/shop.pem, key: certificates/shop.key }] }
    images: { ca: certificates/ca.pem }
    secrets: { source: dotenv, file: .env }
    state: state
    services:
      gateway: { image: { context: . } }
`;

const shop = `
include: [../platform/maestro.config.yaml]
project: shop
services:
  web:
    context: services/web
    image: { dockerfile: web.Dockerfile }
    dependsOn: [gateway]
    route: { host: shop.example }
  gateway: { container: { replicas: 2 } }
environments:
  production: { proxy: { port: 8080 }, services: { web: { container: { memory: 1g } } } }
`;

const files = {
  'shop/maestro.config.yaml': shop,
  'platform/maestro.config.yaml': platform,
  'platform/dockerfiles/node-service/Dockerfile': 'FROM scratch',
  'platform/dockerfiles/template-service/Dockerfile': 'FROM scratch',
};

describe('a registry that includes another one', () => {
  it('has its services and environments, with what it says itself over them', async () => {
    const folder = await folderWith(files);
    const loaded = await loadRegistry({ cwd: join(folder, 'shop') });
    expect(loaded.files).toEqual([
      join(folder, 'shop/maestro.config.yaml'),
      join(folder, 'platform/maestro.config.yaml'),
    ]);
    const { project, proxy, services } = resolveEnvironment(loaded, 'production');
    expect({ project, port: proxy.port }).toEqual({ project: 'shop', port: 8080 });
    const told = services.map(({ name, container, route }) => [name, container?.replicas, container?.settings, route]);
    expect(told).toEqual([
      ['gateway', 2, { memoryBytes: 256 * 1024 ** 2 }, { path: '/' }],
      ['web', 1, { memoryBytes: 1024 ** 3 }, { host: 'shop.example', path: '/' }],
    ]);
  });

  it('takes every path from the file that it stands in, whatever the working directory', async () => {
    const folder = await folderWith(files);
    const loaded = await loadRegistry({ cwd: '/', config: join(folder, 'shop/maestro.config.yaml') });
    const { root, stateFolder, bases, images, proxy, secrets, services } = resolveEnvironment(loaded, 'production');
    const [gateway, web] = services;
    const at = (path: string) => join(folder, path);
    expect(root).toBe(at('shop'));
    expect(stateFolder).toBe(at('platform/state'));
    expect(bases[0]).toMatchObject({
      dockerfile: at('platform/bases/node.Dockerfile'),
      contextFolder: at('platform/bases'),
    });
    expect(images?.ca).toBe(at('platform/certificates/ca.pem'));
    expect(secrets).toEqual({ source: 'dotenv', file: at('platform/.env') });
    expect(proxy.maintenancePage).toBe(at('platform/pages/away.html'));
    expect(proxy.tls?.certificates[0]).toMatchObject({
      certificateFile: at('platform/certificates/shop.pem'),
      keyFile: at('platform/certificates/shop.key'),
    });
    expect(gateway).toMatchObject({
      contextFolder: at('platform/services/gateway'),
      sharedPaths: ['../platform/libs'],
      image: { dockerfile: at('platform/dockerfiles/node-service/Dockerfile'), contextFolder: at('platform') },
      database: {
        tls: { ca: at('platform/certificates/db.pem') },
        migrationsFolder: at('platform/services/gateway/migrations'),
      },
    });
    expect(web).toMatchObject({
      contextFolder: at('shop/services/web'),
      image: { dockerfile: at('shop/web.Dockerfile'), contextFolder: at('shop/services/web') },
    });
  });

  it('may be in another language, and reach others through it', async () => {
    const folder = await folderWith({
      ...files,
      'shop/maestro.config.yaml': '',
      'shop/maestro.config.ts': `export default { project: 'shop', include: ['common/services.json'] };`,
      'shop/common/services.json':
        '{ "$schema": "schema.json", "include": ["../../platform/maestro.config.yaml"], "project": "common" }',
    });
    const { registry, files: read } = await loadRegistry({ cwd: join(folder, 'shop') });
    expect([registry.project, Object.keys(registry.services)]).toEqual(['shop', ['gateway']]);
    expect(read.map((file) => file.slice(folder.length + 1))).toEqual([
      'shop/maestro.config.ts',
      'shop/common/services.json',
      'platform/maestro.config.yaml',
    ]);
  });

  it('reads what it includes on several ways once', async () => {
    const folder = await folderWith({
      ...files,
      'shop/maestro.config.yaml': 'include: [a.yaml, b.yaml]\nproject: shop\n',
      'shop/a.yaml': 'include: [../platform/maestro.config.yaml]\n',
      'shop/b.yaml':
        'include: [../platform/maestro.config.yaml, a.yaml]\nservices: { gateway: { container: { memory: 1g } } }\n',
    });
    const { files: read, registry } = await loadRegistry({ cwd: join(folder, 'shop') });
    expect(read).toHaveLength(4);
    expect(registry.services.gateway?.container.memory).toBe('1g');
  });

  it('replaces secrets and databases of another kind whole', async () => {
    const secrets = '{ source: aws, regions: [eu-central-1] }';
    const folder = await folderWith({
      ...files,
      'shop/maestro.config.yaml': `
include: [../platform/maestro.config.yaml]
project: shop
services: { gateway: { database: { adapter: sqlite, file: shop.db } } }
environments: { production: { secrets: ${secrets} } }
`,
    });
    const { registry } = await loadRegistry({ cwd: join(folder, 'shop') });
    expect(registry.environments.production?.secrets).toEqual({ source: 'aws', regions: ['eu-central-1'] });
    expect(registry.services.gateway?.database).toMatchObject({ adapter: 'sqlite', file: 'shop.db' });
  });
});

describe('central Dockerfiles', () => {
  it('are found by name in the folder of the file that names them, or else in the registry’s', async () => {
    const folder = await folderWith({
      ...files,
      'shop/maestro.config.yaml': shop
        .replace('web.Dockerfile', 'central:web')
        .replace('project', 'dockerfiles: own\nproject'),
      'shop/own/web/Dockerfile': 'FROM scratch',
    });
    const { registry } = await loadRegistry({ cwd: join(folder, 'shop') });
    expect(Object.values(registry.services).map(({ image }) => image?.dockerfile)).toEqual([
      '../platform/dockerfiles/node-service/Dockerfile',
      'own/web/Dockerfile',
    ]);
    const inherited = {
      ...files,
      'shop/maestro.config.yaml': shop.replace('web.Dockerfile', 'central:template-service'),
    };
    const second = await loadRegistry({ cwd: join(await folderWith(inherited), 'shop') });
    expect(second.registry.services.web?.image?.dockerfile).toBe('../platform/dockerfiles/template-service/Dockerfile');
  });
});

describe('problems of several files', () => {
  it('say which file they are in, and where', async () => {
    const folder = await folderWith({
      ...files,
      'shop/maestro.config.yaml': shop.replace('replicas: 2', 'replicas: two'),
      'platform/maestro.config.yaml': platform.replace('memory: 256m', 'memry: 256m').replace('port: 80', 'port: -1'),
    });
    const error: unknown = await loadRegistry({ cwd: join(folder, 'shop') }).catch((reason: unknown) => reason);
    if (!isMaestroError(error, 'REGISTRY_INVALID')) throw error;
    expect(error.message.replaceAll(folder, '')).toBe(
      [
        '2 problems in /shop/maestro.config.yaml:',
        '  - services.gateway.container.replicas (10:27): expected a whole number from 1 to 100, not a string',
        '  - defaults.container.memry (../platform/maestro.config.yaml:6:16): unknown key, did you mean "memory"?',
      ].join('\n'),
    );
    expect(error.details).toMatchObject({
      problems: [{ line: 10 }, { file: join(folder, 'platform/maestro.config.yaml'), line: 6, column: 16 }],
    });
  });
});
