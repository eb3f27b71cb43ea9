import { expect, it } from 'vitest';

import { buildArguments } from './build-arguments.ts';

const request = {
  service: 'api',
  repository: 'shop-api',
  tags: ['production-abc1234', 'latest'],
  dockerfile: 'docker/Dockerfile',
  args: { A: '1', B: '--push' },
  labels: { team: 'a b' },
};

it('builds to the engine with nothing but what was asked for', () => {
  const settings = { output: { kind: 'engine' } } as const;
  expect(buildArguments({ request, settings, secrets: {}, metadataFile: '/tmp/m.json' })).toEqual([
    'buildx',
    'build',
    '--progress=rawjson',
    '--metadata-file=/tmp/m.json',
    '--load',
    '--provenance=false',
    '--sbom=false',
    '--file=docker/Dockerfile',
    '--tag=shop-api:production-abc1234',
    '--tag=shop-api:latest',
    '--build-arg=A=1',
    '--build-arg=B=--push',
    '--label=team=a b',
    '-',
  ]);
});

it('builds for several platforms to a repository, with secrets, caches and attestations', () => {
  const base = `shop-base:maestro-input-${'0'.repeat(64)}`;
  const built = buildArguments({
    request: { ...request, args: {}, labels: {}, target: 'run', platform: 'linux/amd64,linux/arm64', bases: [base] },
    settings: {
      output: { kind: 'repository', prefix: 'registry.example.com/team' },
      builder: 'remote',
      cacheFrom: ['type=registry,ref=registry.example.com/team/cache'],
      cacheTo: ['type=registry,ref=registry.example.com/team/cache,mode=max'],
      provenance: 'max',
      sbom: true,
    },
    secrets: { npm: 'MAESTRO_BUILD_SECRET_0' },
    metadataFile: '/tmp/m.json',
  });
  expect(built.slice(4)).toEqual([
    '--push',
    '--provenance=mode=max',
    '--sbom=true',
    '--builder=remote',
    '--platform=linux/amd64,linux/arm64',
    '--target=run',
    '--file=docker/Dockerfile',
    '--tag=registry.example.com/team/shop-api:production-abc1234',
    '--tag=registry.example.com/team/shop-api:latest',
    `--build-context=${base}=docker-image://registry.example.com/team/${base}`,
    '--secret=id=npm,env=MAESTRO_BUILD_SECRET_0',
    '--cache-from=type=registry,ref=registry.example.com/team/cache',
    '--cache-to=type=registry,ref=registry.example.com/team/cache,mode=max',
    '-',
  ]);
});
