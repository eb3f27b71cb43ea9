import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import type { InstanceSpec } from '../../ports/runtime.ts';
import { jobContainer, replicaContainer, type ReplicaParts } from './container-spec.ts';

const spec: InstanceSpec = {
  service: 'api',
  slot: 'green',
  release: 'r1',
  image: 'shop-api:production-abc1234',
  digest: 'sha256:one',
  configHash: 'c1',
  command: ['node', 'api.js'],
  environment: { LEVEL: 'info', HOST: 'localhost' },
  secrets: {},
};

function container(changes: Partial<InstanceSpec> = {}, parts: Partial<ReplicaParts> = {}) {
  return replicaContainer({
    scope: { project: 'shop', environment: 'production' },
    network: 'shop-production',
    image: { reference: 'shop-api:keep', command: ['entry', 'point'] },
    secrets: undefined,
    replica: 0,
    address: { host: '10.200.4.2', port: 8080 },
    reach: 'bridge',
    ...parts,
    spec: { ...spec, ...changes },
  });
}

it('has a fixed address, listens where it is told, and says what it is', () => {
  expect(container()).toMatchObject({
    Image: 'shop-api:keep',
    Entrypoint: ['node', 'api.js'],
    Env: ['LEVEL=info', 'HOST=0.0.0.0', 'PORT=8080'],
    ExposedPorts: { '8080/tcp': {} },
    Labels: {
      'maestro.project': 'shop',
      'maestro.environment': 'production',
      'maestro.role': 'instance',
      'maestro.service': 'api',
      'maestro.slot': 'green',
      'maestro.replica': '0',
      'maestro.replicas': '1',
      'maestro.release': 'r1',
      'maestro.image': 'shop-api:production-abc1234',
      'maestro.digest': 'sha256:one',
      'maestro.config': 'c1',
      'maestro.address': '10.200.4.2:8080',
    },
    HostConfig: { NetworkMode: 'shop-production', RestartPolicy: { Name: 'no' } },
    NetworkingConfig: { EndpointsConfig: { 'shop-production': { IPAMConfig: { IPv4Address: '10.200.4.2' } } } },
  });
});

it('publishes its port where its address cannot be reached, and then has no fixed one', () => {
  const published = container({ port: 3000 }, { reach: 'published', address: { host: '127.0.0.1', port: 18_001 } });
  expect(published.HostConfig).toMatchObject({
    PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '18001' }] },
  });
  expect(published.Env).toContain('PORT=3000');
  expect(published).not.toHaveProperty('NetworkingConfig');
  expect(container().HostConfig).not.toHaveProperty('PortBindings');
});

it('starts what the image starts by itself where no command is named', () => {
  expect(container({ command: [] }).Entrypoint).toEqual(['entry', 'point']);
});

it('limits what is limited only, and rotates its output', () => {
  expect(container().HostConfig).toMatchObject({
    ReadonlyRootfs: false,
    CapDrop: [],
    CapAdd: [],
    Init: false,
    SecurityOpt: ['no-new-privileges'],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    Mounts: [],
  });
  expect(Object.keys(container().HostConfig)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/NanoCpus|Memory|PidsLimit/)]),
  );
});

it('has every setting of the service', () => {
  const made = container({
    container: {
      user: '1000:1000',
      cpus: 0.5,
      memoryBytes: 64_000_000,
      processes: 50,
      mounts: [
        { kind: 'volume', volume: 'uploads', target: '/uploads' },
        { kind: 'folder', folder: '/srv/pages', target: '/pages', readOnly: true },
        { kind: 'memory', target: '/tmp', sizeBytes: 1024 },
      ],
      ulimits: { nofile: { soft: 1024, hard: 4096 } },
      readOnlyRoot: true,
      dropCapabilities: ['ALL'],
      addCapabilities: ['NET_BIND_SERVICE'],
      init: true,
      log: { driver: 'journald', options: { tag: 'api' } },
    },
  });
  expect(made).toMatchObject({
    User: '1000:1000',
    HostConfig: {
      NanoCpus: 500_000_000,
      Memory: 64_000_000,
      MemorySwap: 64_000_000,
      PidsLimit: 50,
      Mounts: [
        { Type: 'volume', Source: 'uploads', Target: '/uploads', ReadOnly: false },
        { Type: 'bind', Source: '/srv/pages', Target: '/pages', ReadOnly: true },
        { Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 1024 } },
      ],
      Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 4096 }],
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['NET_BIND_SERVICE'],
      Init: true,
      LogConfig: { Type: 'journald', Config: { tag: 'api' } },
    },
  });
});

it('gets its secrets by a volume: what the engine is told says where they are, and no value', () => {
  const secrets = {
    volume: 'shop.production.api.green.secrets',
    target: '/run/secrets',
    fileVariables: { PASSWORD_FILE: '/run/secrets/PASSWORD' },
    entrypoint: ['/bin/sh', '-c', 'exec "$@"', 'sh'],
  };
  const made = container({ secrets: { PASSWORD: new Redacted('canary') } }, { secrets });
  expect(made.Entrypoint).toEqual(['/bin/sh', '-c', 'exec "$@"', 'sh', 'node', 'api.js']);
  expect(made.Env).toContain('PASSWORD_FILE=/run/secrets/PASSWORD');
  expect(made.HostConfig.Mounts).toEqual([
    {
      Type: 'volume',
      Source: 'shop.production.api.green.secrets',
      Target: '/run/secrets',
      ReadOnly: true,
      VolumeOptions: { NoCopy: true },
    },
  ]);
  expect(JSON.stringify(made)).not.toContain('canary');
});

it('is a job without port and fixed address', () => {
  const made = jobContainer({
    scope: { project: 'shop', environment: 'production' },
    network: 'shop-production',
    image: { reference: 'shop-api:keep', command: [] },
    secrets: undefined,
    spec: { ...spec, job: 'import' },
  });
  expect(made).toMatchObject({
    Entrypoint: ['node', 'api.js'],
    Env: ['LEVEL=info', 'HOST=localhost'],
    Labels: { 'maestro.role': 'job', 'maestro.service': 'api', 'maestro.job': 'import', 'maestro.config': 'c1' },
    HostConfig: { NetworkMode: 'shop-production', RestartPolicy: { Name: 'no' } },
  });
  expect(made).not.toHaveProperty('ExposedPorts');
});
