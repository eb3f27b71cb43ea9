import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { instanceVariables } from '../release/instance-variables.ts';
import { importComposeFile, renderComposeFile } from './compose-files.ts';

const registry = {
  project: 'shop',
  services: {
    'order-api': {
      context: 'services/api',
      image: { dockerfile: 'Dockerfile' },
      route: { path: '/api' },
      environment: { LOG_LEVEL: 'info' },
      database: { adapter: 'sqlite', file: 'main/orders.db' },
    },
    web: { context: 'services/web', image: { dockerfile: 'Dockerfile' }, container: { port: 3000 } },
    jobs: { context: 'services/jobs', image: { dockerfile: 'Dockerfile' }, strategy: 'worker' },
  },
  environments: { demo: { runtime: 'docker', proxy: { port: 8080 } } },
};

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'maestro-compose-files-'));
  await writeFile(join(cwd, 'maestro.config.json'), JSON.stringify(registry));
});
afterEach(() => rm(cwd, { recursive: true }));

describe('renderComposeFile', () => {
  const environment = 'demo';

  it('writes nothing that it is not told to write', async () => {
    const { file, text } = await renderComposeFile({ cwd, environment });
    expect(file).toBeNull();
    expect(text).toContain('context: ./services/api\n');
  });

  it('writes a file anew that it has made, and one of somebody else only when told so', async () => {
    const { file, text } = await renderComposeFile({ cwd, environment, out: 'deploy' });
    expect(file).toBe(join(cwd, 'deploy/docker-compose.yml'));
    expect(text).toContain('context: ../services/api\n');
    const written = () => readFile(join(cwd, 'deploy/docker-compose.yml'), 'utf8');
    expect(await written()).toBe(text);
    await writeFile(join(cwd, 'deploy/docker-compose.yml'), `${text}\n# changed\n`);
    await renderComposeFile({ cwd, environment, out: 'deploy' });
    expect(await written()).toBe(text);

    await writeFile(join(cwd, 'deploy/docker-compose.yml'), 'services: {}\n');
    await expect(renderComposeFile({ cwd, environment, out: 'deploy' })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_FILE_EXISTS',
    });
    expect(await written()).toBe('services: {}\n');
    await renderComposeFile({ cwd, environment, out: 'deploy', replace: true });
    expect(await written()).toBe(text);
  });

  it('tells services under compose the variables that instances have', async () => {
    const { text } = await renderComposeFile({ cwd, environment });
    const [, block = ''] = /\n {2}order-api:\n(?: {4}.*\n)*? {4}environment:\n((?: {6}.*\n)+)/.exec(text) ?? [];
    const names = [...block.matchAll(/^ {6}'?(\w+)/gm)].map(([, name]) => name);
    const variables = instanceVariables({
      release: 'r1',
      slot: 'blue',
      service: {
        ...instance,
        database: { ...database, file: '/srv/data/order-api/main/orders.db', mountedFolder: '/srv/data/order-api' },
      },
      addresses: { 'order-api': 'http://a', web: 'http://b' },
    });
    expect(names.toSorted()).toEqual([...Object.keys(variables), 'HOST', 'PORT'].toSorted());
    expect(block).toContain(`DATABASE_PATH: ${variables.DATABASE_PATH ?? ''}\n`);
  });
});

describe('importComposeFile', () => {
  const compose = 'services:\n  api:\n    build: ./api\n    privileged: true\n    ports: ["80"]\n';

  it('writes a registry beside the compose file, and replaces none unless told so', async () => {
    await writeFile(join(cwd, 'docker-compose.yml'), compose);
    const { file, services, findings } = await importComposeFile({ cwd, file: 'docker-compose.yml' });
    expect({ file, services }).toEqual({ file: join(cwd, 'maestro.config.yaml'), services: ['api'] });
    expect(findings).toContainEqual(expect.objectContaining({ path: 'services.api.privileged', line: 4 }));
    await expect(importComposeFile({ cwd, file: 'docker-compose.yml' })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_FILE_EXISTS',
    });
    await importComposeFile({ cwd, file: 'docker-compose.yml', environment: 'staging', replace: true });
    expect(await readFile(file, 'utf8')).toContain('\nenvironments:\n  staging:\n');
  });

  it('takes paths from where the registry is to be', async () => {
    await writeFile(join(cwd, 'docker-compose.yml'), compose);
    const { file } = await importComposeFile({ cwd, file: 'docker-compose.yml', out: '../import-test.yaml' });
    try {
      expect(await readFile(file, 'utf8')).toContain(`context: ${cwd.split('/').at(-1) ?? ''}/api\n`);
    } finally {
      await rm(file);
    }
  });

  it('says so when there is no compose file', async () => {
    const imported = importComposeFile({ cwd, file: 'docker-compose.yml' });
    await expect(imported).rejects.toMatchObject({ code: 'ORCHESTRATOR_FILE_MISSING' });
  });
});

const database = { adapter: 'sqlite', migrations: 'migrations', variable: 'DATABASE_PATH' } as const;
const instance: Parameters<typeof instanceVariables>[0]['service'] = {
  name: 'order-api',
  repository: 'shop-order-api',
  image: 'shop-order-api:demo-abc1234',
  digest: 'sha256:one',
  revision: 'abc1234',
  command: [],
  environment: { LOG_LEVEL: 'info' },
  secrets: [],
  secretVersions: {},
  database: null,
  migrations: null,
  route: null,
  health: { kind: 'tcp', timeoutMs: 1_000, intervalMs: 50, deadlineMs: 5_000 },
  strategy: { kind: 'blue-green' },
  container: { port: 8080, replicas: 1, settings: {}, user: null, secretsAs: 'variables' },
  passing: null,
  canary: null,
  longLivedTimeoutMs: null,
  dependsOn: [],
  drainTimeoutMs: 1_000,
  stopTimeoutMs: 1_000,
  configHash: 'c1',
};
