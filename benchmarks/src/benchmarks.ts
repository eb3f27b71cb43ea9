import type { ListedBenchmark } from './benchmark.ts';

export const benchmarks: readonly ListedBenchmark[] = [
  {
    name: 'embedded-proxy',
    summary: 'the embedded proxy beside the bare library it is made of, and switches under load',
    load: async () => (await import('./benchmarks/embedded-proxy/embedded-proxy.ts')).embeddedProxy,
  },
  {
    name: 'deploy',
    summary:
      'the command line: its start, a look at 20 services, and releases beside a shell script and docker-compose',
    load: async () => (await import('./benchmarks/deploy/deploy.ts')).deploying,
  },
  {
    name: 'images',
    summary: 'building, skipping, retagging and rolling back beside the docker command line, and peak memory',
    load: async () => (await import('./benchmarks/images/images.ts')).images,
  },
  {
    name: 'migrations',
    summary: '1,000 migrations beside umzug and node-pg-migrate, and many databases beside one',
    load: async () => (await import('./benchmarks/migrations/migrations.ts')).migrations,
  },
  {
    name: 'registry',
    summary: 'registries of up to 500 services: loading, checking and resolving them, and what a change affects',
    load: async () => (await import('./benchmarks/registry/registry.ts')).registry,
  },
  {
    name: 'secrets',
    summary: 'the secrets package installed alone: its imports, packages, calls and cached reads beside two peers',
    load: async () => (await import('./benchmarks/secrets/secrets.ts')).secrets,
  },
  {
    name: 'switch',
    summary:
      'switches, reloads and rollbacks of containers behind nginx, under load, beside nginx, HAProxy and Compose',
    load: async () => (await import('./benchmarks/switch/switch.ts')).switching,
  },
];
