import { readFile } from 'node:fs/promises';

import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { checkRegistry } from '../../checks/check-registry.ts';
import type { ServiceInput } from '../../define-registry.ts';
import type { LoadedRegistry } from '../../load-registry.ts';
import { renderCompose } from '../render-compose.ts';
import { importCompose, type ImportedCompose } from './import-compose.ts';

const fixtures = new URL('../../../tests/fixtures/compose/', import.meta.url);

describe('importCompose', () => {
  it.each(['shop.yml', 'monorepo.yaml', 'platform.yml'])('imports %s', async (name) => {
    const text = await readFile(new URL(name, fixtures), 'utf8');
    const imported = importCompose({ text, path: `/srv/acme/${name}` });
    expect(imported.text).toBe(await readFile(new URL(name.replace(/\.ya?ml$/, '.registry.yaml'), fixtures), 'utf8'));
    expect(checkRegistry(parse(imported.text))).toMatchObject({ valid: true });
    expect(imported.text).not.toMatch(/correct-horse|not-so-secret|guest/);
    for (const { path, line } of imported.findings) {
      const [key = ''] = /[^.[\]"]+(?="?\]?$)/.exec(path.replace(/\[\d+\]$/, '')) ?? [];
      const lines = text.split('\n').slice(0, line).reverse();
      expect([path, lines.some((one) => one.includes(key))]).toEqual([path, true]);
    }
  });

  it('takes over what the longer spellings say, too', () => {
    const short = imported(`
      api:
        build: .
        command: run "the server" 'as it' is\\ now
        ports: ['127.0.0.1:8080:3000/tcp']
        volumes: ['data:/var/data:ro', '/srv/in:/in']
        environment: ['A=1=2', 'B=']
        depends_on: [web]
        healthcheck: { test: curl -f http://localhost:3000/up }
      web: { build: web }`);
    const long = imported(`
      api:
        build: { context: ., dockerfile: Dockerfile }
        entrypoint: [run, the server]
        command: [as it, is now]
        ports: [{ target: 3000, published: '8080', host_ip: 127.0.0.1, protocol: tcp, mode: host }]
        volumes:
          - { type: volume, source: data, target: /var/data, read_only: true }
          - { type: bind, source: /srv/in, target: /in }
        environment: { A: 1=2, B: '' }
        depends_on: { web: { condition: service_started } }
        healthcheck: { test: [CMD, curl, -f, 'http://localhost:3000/up'] }
      web: { build: { context: ./web/ } }`);
    expect(short.services).toEqual(long.services);
    expect(short.services.api).toMatchObject({
      command: ['run', 'the server', 'as it', 'is now'],
      environment: { A: '1=2', B: '' },
      container: {
        port: 3000,
        volumes: [
          { source: 'shop_data', readOnly: true },
          { type: 'bind', source: '/srv/in' },
        ],
      },
      health: { kind: 'http', path: '/up' },
      route: { path: '/' },
    });
    expect(short.environments).toEqual({
      development: { runtime: 'docker', proxy: { host: '127.0.0.1', port: 8080 } },
    });
  });

  it.each([
    ['curl -f http://localhost:8080/up || exit 1', { kind: 'http', path: '/up' }],
    ['wget --no-verbose --tries=1 --spider http://127.0.0.1:8080/ || exit 1', { kind: 'http', path: '/' }],
    ['curl -sSf -H "Host: shop.example" http://localhost:8080/up > /dev/null', { kind: 'http', host: 'shop.example' }],
    ['curl -f http://other:8080/up', { kind: 'command' }],
    ['curl -f http://localhost:9000/up', { kind: 'command' }],
    ['curl -s http://localhost:8080/up | grep -q ok', { kind: 'command' }],
    ['curl -f http://localhost:8080/a && curl -f http://localhost:8080/b', { kind: 'command' }],
    ['pg_isready -U shop', { kind: 'command', command: ['/bin/sh', '-c', 'pg_isready -U shop'] }],
  ])('takes "%s" for the health check that it is', (test, health) => {
    const { services } = imported(`
      api:
        build: .
        ports: ['8080']
        healthcheck: { test: ${JSON.stringify(test)} }`);
    expect(services.api?.health).toMatchObject(health);
  });

  it.each([
    ['TOKEN', '', true],
    ['TOKEN', '${TOKEN}', true],
    ['TOKEN', '${TOKEN:?set it}', true],
    ['SITE', 'https://${HOST_NAME}/', true],
    ['SITE', '${SITE:-https://shop.example}', 'https://shop.example'],
    ['SITE', 'a$$b', 'a$b'],
    ['SESSION_SECRET', 'abc', true],
    ['BROKER', 'amqp://me:pass@broker', true],
    ['TOKEN_TTL', '60', '60'],
    ['PRICE', '12', '12'],
  ] as const)('takes %s=%s for the secret that it is', (name, value, expected) => {
    const { services, text } = imported(`
      api:
        build: .
        environment: ['${value === '' ? name : `${name}=${value}`}']`);
    const service = services.api;
    if (expected === true) {
      expect(service).toMatchObject({ secrets: [name] });
      expect(service).not.toHaveProperty('environment');
      expect(text).not.toMatch(/pass|abc/);
    } else {
      expect(service).toMatchObject({ environment: { [name]: expected } });
      expect(service).not.toHaveProperty('secrets');
    }
  });

  it('is read from another folder, where the registry is to be', () => {
    const text = 'services:\n  api: { build: ./api }\n  web: { build: ../web }\n';
    const options = { text, path: '/srv/deploy/docker-compose.yml' };
    expect(importCompose({ ...options, folder: '/srv' }).services).toEqual(['api', 'web']);
    expect(parse(importCompose({ ...options, folder: '/srv' }).text)).toMatchObject({
      services: { api: { context: 'deploy/api' }, web: { context: 'web', image: { dockerfile: 'web/Dockerfile' } } },
    });
    expect(importCompose(options)).toMatchObject({ services: ['api'], findings: [{}, { path: 'services.web.build' }] });
  });

  it('shows what is merged into a service where it is merged, even what is merged into that', () => {
    const text = `
x-first: &first { privileged: true }
x-second: &second
  <<: *first
services:
  api:
    build: .
    <<: [*second]
    restart: always
`;
    const { findings } = importCompose({ text, path: '/srv/shop/compose.yaml' });
    expect(findings.find(({ path }) => path === 'services.api.privileged')).toMatchObject({ line: 8, column: 5 });
  });

  it('leaves out what a registry may not hold, and says so', () => {
    const { services, findings } = imported(`
      api:
        build: .
        ulimits: { nofile: -1 }
        volumes: ['data:/with space']`);
    expect(services.api).not.toHaveProperty('container.ulimits.nofile.soft');
    expect(findings.map(({ path, message }) => `${path}: ${message}`)).toContainEqual(
      expect.stringMatching(/^services\.api: services\.api\.container\.volumes\[0\]\.target is left out/),
    );
  });

  it.each([
    ['services: [', '/shop/docker-compose.yml:1:12: not YAML'],
    ['web: { image: nginx }', '/shop/docker-compose.yml: expected a compose file, with services'],
    ['', '/shop/docker-compose.yml: expected a compose file, with services'],
  ])('refuses %j', (text, message) => {
    expect(failureOf(() => importCompose({ text, path: '/shop/docker-compose.yml' }))).toMatchObject({
      code: 'REGISTRY_UNREADABLE',
      message: expect.stringContaining(message) as string,
    });
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const anyText = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\p{Cc}|\p{Cs}/u.test(text));
const milliseconds = fc.integer({ min: 1_000, max: 100_000 });
const folder = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const amount = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('k', 'm', 'g'))
  .map((parts) => parts.join(''));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const names = fc.uniqueArray(
  word.filter((name) => name !== 'ask'),
  { minLength: 1, maxLength: 4 },
);

const times = {
  timeoutMs: milliseconds,
  intervalMs: milliseconds,
  startPeriodMs: optional(milliseconds),
  failures: optional(fc.integer({ min: 1, max: 50 })),
};
const httpPath = fc.webPath().filter((path) => /^\/[^\s#]*$/.test(path));
const health = fc.oneof(
  fc.record({
    kind: fc.constant('http' as const),
    path: httpPath,
    host: optional(fc.constant('shop.example')),
    statuses: optional(fc.uniqueArray(fc.constantFrom('200', '200-204', '401'), { minLength: 1 })),
    ...times,
  }),
  fc.record({ kind: fc.constantFrom('tcp' as const, 'image' as const), ...times }),
  fc.record({ kind: fc.constant('command' as const), command: fc.array(anyText, { minLength: 1 }), ...times }),
);
const mount = fc.oneof(
  fc.record({
    type: fc.constant('volume' as const),
    source: word,
    target: folder.map((path) => `/${path}`),
    readOnly: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('bind' as const),
    source: folder.map((path) => `/srv/${path}`),
    target: folder.map((path) => `/${path}`),
    readOnly: fc.boolean(),
  }),
  fc.record({ type: fc.constant('tmpfs' as const), target: folder.map((path) => `/${path}`), size: amount }),
);
const container = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    replicas: fc.integer({ min: 1, max: 9 }),
    cpus: fc.integer({ min: 1, max: 64 }).map((quarters) => quarters / 4),
    memory: amount,
    pidsLimit: fc.integer({ min: 1, max: 999 }),
    volumes: fc.array(mount, { maxLength: 3 }),
    networks: fc.uniqueArray(
      word.filter((name) => name !== 'default'),
      { maxLength: 2 },
    ),
    ulimits: fc.dictionary(
      word.map((name) => name.replaceAll(/\d/g, 'x')),
      fc.record({ soft: fc.nat(), hard: fc.nat() }),
    ),
    readOnly: fc.boolean(),
    capDrop: fc.uniqueArray(fc.constantFrom('ALL', 'NET_RAW'), { maxLength: 2 }),
    capAdd: fc.uniqueArray(fc.constantFrom('CHOWN', 'SETUID'), { maxLength: 2 }),
    init: fc.boolean(),
    logging: fc.record({ driver: word, options: fc.dictionary(word, anyText) }),
    secretsAs: fc.constantFrom('files' as const, 'variables' as const),
  },
  { requiredKeys: [] },
);
const variable = fc
  .stringMatching(/^[A-Z][A-Z_]{0,4}$/)
  .filter((name) => !/^(?:HOST|PORT)$|ADDR|HOST|TOKEN|_URL$|_FILE$|PWD/.test(name));
const service = fc.record(
  {
    context: folder,
    image: fc.record(
      {
        dockerfile: folder,
        target: word,
        args: fc.dictionary(word, anyText),
        user: fc.constantFrom('1000:1000', '0:0'),
      },
      { requiredKeys: ['dockerfile'] },
    ),
    command: fc.tuple(word, fc.array(anyText)).map(([program, args]) => [program, ...args]),
    health,
    container,
    // Nothing that could be an address of another one, or hold a login.
    environment: fc.dictionary(
      variable,
      anyText.filter((text) => !/[@:/]/.test(text)),
    ),
    secrets: fc.uniqueArray(
      variable.map((name) => `S_${name}`),
      { maxLength: 3 },
    ),
    strategy: fc.constantFrom('blue-green' as const, 'recreate' as const, 'worker' as const, 'job' as const),
    stopTimeoutMs: milliseconds,
  },
  { requiredKeys: ['context', 'image'] },
);

/** Services of which each depends on some before it. */
const services = names.chain((all) =>
  fc
    .tuple(
      ...all.map((name, index) => fc.tuple(fc.constant(name), service, fc.subarray(all.slice(0, index)), fc.boolean())),
    )
    .map((entries) =>
      Object.fromEntries(
        entries.map(([name, written, dependsOn, routed]): [string, ServiceInput] => {
          const isReached = written.strategy !== 'worker' && written.strategy !== 'job';
          const route = routed && isReached ? { path: `/${name}` } : undefined;
          return [name, { ...written, dependsOn, ...(route === undefined ? {} : { route }) }];
        }),
      ),
    ),
);

const environment = fc.record({
  runtime: fc.constant('docker' as const),
  proxy: fc.record({ host: fc.constantFrom('127.0.0.1', '0.0.0.0', '::1'), port: fc.integer({ min: 0, max: 65_535 }) }),
  secrets: fc.constant({ source: 'dotenv' as const, file: '.env' }),
});

describe('a registry that is rendered and imported again', () => {
  it('says the same as far as both can say it', () => {
    const property = fc.property(services, environment, (written, development) => {
      const first = render({ project: 'shop', services: written, environments: { development } });
      const { text, findings } = importCompose({ text: first, path: '/shop/docker-compose.yml' });
      expect(findings).toEqual([]);
      expect(render(parse(text) as object)).toBe(first);
    });
    fc.assert(property, { numRuns: process.env.MAESTRO_NIGHTLY === 'true' ? 2_000 : 50 });
  });
});

function render(registry: object): string {
  const checked = checkRegistry(registry);
  if (!checked.valid) throw new Error(JSON.stringify(checked.problems));
  const file = '/shop/maestro.config.yaml';
  const loaded: LoadedRegistry = { file, root: '/shop', files: [file], registry: checked.registry };
  return renderCompose({ loaded, environment: 'development' });
}

interface Parsed extends ImportedCompose {
  readonly registry: {
    readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly environments: unknown;
  };
}

function imported(services: string): Parsed['registry'] & Pick<ImportedCompose, 'findings' | 'text'> {
  const { text, findings } = importCompose({ text: `services:${services}\n`, path: '/srv/shop/docker-compose.yml' });
  return { text, findings, ...(parse(text) as Parsed['registry']) };
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (isMaestroError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
