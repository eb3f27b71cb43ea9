import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ensureBaseImage } from '@maestro/base-images';
import { composeProject } from '@maestro/services/compose-project';
import { describeWith } from '@maestro/services/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';

import { importCompose, loadRegistry, renderCompose } from '../../src/index.ts';

/** Making the base images takes a minute where nobody has done so before. */
const imagesMs = 5 * 60_000;
const upMs = 3 * 60_000;

const secret = 's3cret-canary-of-compose';

const server = `
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
const { HOST, PORT, MAESTRO_SERVICE: service, TOKEN, GREETING, API_URL, TOKEN_FILE } = process.env;
const read = (file) => (file === undefined ? undefined : readFileSync(file, 'utf8'));
createServer(async (request, response) => {
  if (request.url === '/health') return response.writeHead(request.headers.host === 'shop.example' ? 204 : 421).end();
  const api = request.url === '/' && API_URL ? await (await fetch(API_URL + '/api')).json() : undefined;
  const { url, headers: { host } } = request;
  response.end(JSON.stringify({ service, url, host, greeting: GREETING, token: TOKEN ?? read(TOKEN_FILE), api }));
}).listen(Number(PORT), HOST);
process.on('SIGTERM', () => process.exit(0));
`;

describeWith('compose files', ['docker', 'docker-compose'], (parts) => {
  let folder = '';

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'maestro-compose-')));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, contents] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), contents);
    }
  };
  const project = (file: string, variables = {}) => {
    const { docker, 'docker-compose': compose } = parts();
    const { address, suite } = docker;
    return composeProject({ program: compose.program, address, name: suite, file: join(folder, file), variables });
  };

  it('takes what is rendered for what was meant', async () => {
    await write({ 'all/maestro.config.json': JSON.stringify(everything), 'all/services/api/main.ts': '' });
    const loaded = await loadRegistry({ config: join(folder, 'all/maestro.config.json') });
    const text = renderCompose({ loaded, environment: 'development' });
    await write({ 'all/docker-compose.yml': text });
    const printed = await project('all/docker-compose.yml').run(['config']);
    const { services } = parse(printed) as { readonly services: Record<string, Record<string, unknown>> };
    const { api } = services;
    expect(api).toMatchObject({
      build: { context: join(folder, 'all/services/api'), dockerfile: '../../api.Dockerfile', target: 'run' },
      // Values that YAML or compose could take for something else.
      environment: {
        ON: 'yes',
        DOLLAR: 'a$$b $${c}',
        TIME: '12:30',
        EQUALS: '=',
        LINES: 'a\n b\n',
        MERGE: '<<',
      },
      depends_on: { prepare: { condition: 'service_completed_successfully' } },
      healthcheck: { interval: '2500ms', retries: 12, start_period: '90s' },
      mem_limit: '512m',
      ulimits: { nofile: { soft: 1024, hard: 2048 } },
      scale: 2,
    });
    expect(api?.environment).toMatchObject({ TOKEN: null });
    expect(Object.keys(services).toSorted()).toEqual(['api', 'maestro_base_node', 'maestro_proxy', 'prepare']);
  });

  it('takes values for the texts that they are', async () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\0\p{Cs}]/u.test(text));
    const values = fc.sample(texts, { seed: 1, numRuns: 500 });
    const environment = Object.fromEntries([...values, ...traps].map((value, index) => [`V${index}`, value]));
    const api = { context: '.', image: { dockerfile: 'Dockerfile' }, environment };
    const environments = { development: { runtime: 'docker', proxy: { port: 0 } } };
    await write({ 'texts/maestro.config.json': JSON.stringify({ project: 'shop', services: { api }, environments }) });
    const loaded = await loadRegistry({ config: join(folder, 'texts/maestro.config.json') });
    await write({ 'texts/docker-compose.yml': renderCompose({ loaded, environment: 'development' }) });
    // What it prints without quotes is text to YAML 1.1.
    const config = await project('texts/docker-compose.yml').run(['config']);
    const printed = parse(config, { schema: 'failsafe' }) as {
      readonly services: { readonly api: { readonly environment: Readonly<Record<string, string>> } };
    };
    for (const [name, value] of Object.entries(environment)) {
      expect(printed.services.api.environment[name]?.replaceAll('$$', '$')).toBe(value);
    }
  });

  it(
    'starts what is rendered, which answers where the environment does',
    async () => {
      const { docker } = parts();
      const [node] = await Promise.all(
        (['node', 'nginx'] as const).map((name) => ensureBaseImage({ engine: docker.engine, name })),
      );
      const labels = Object.entries(docker.labels).map(([label, value]) => `LABEL "${label}"="${value}"\n`);
      const name = `${docker.suite}-c`;
      await write({
        'up/base.Dockerfile': `FROM ${node?.reference ?? ''}\n${labels.join('')}WORKDIR /srv\n`,
        'up/Dockerfile': `FROM ${name}-runtime\nCOPY server.mjs ./\nENTRYPOINT ["node"]\nCMD ["server.mjs"]\n`,
        'up/services/server.mjs': server,
        'up/maestro.config.json': JSON.stringify(small(name)),
      });
      const loaded = await loadRegistry({ config: join(folder, 'up/maestro.config.json') });
      const text = renderCompose({ loaded, environment: 'development' });
      expect(text).not.toContain(secret);
      await write({
        'up/docker-compose.yml': text,
        'up/.maestro/development/compose-secrets/TOKEN': secret,
      });
      await using compose = project('up/docker-compose.yml', { TOKEN: secret });
      await compose.run(['up', '--detach', '--build']);

      const url = await compose.urlOf('maestro_proxy', 80);
      const ask = async (path: string, headers = {}) => (await fetch(new URL(path, url), { headers })).json();
      const token = secret;
      const api = { service: 'api', url: '/api', host: 'api:8080', greeting: 'a$b', token };
      // nginx may still be starting.
      await expect.poll(() => ask('/').catch(() => null), { timeout: 30_000 }).toMatchObject({ service: 'web', api });
      const { host } = new URL(url);
      expect(await ask('/api/orders?first=1')).toEqual({ ...api, url: '/api/orders?first=1', host });
      expect(await ask('/files')).toMatchObject({ service: 'files', token });
      expect(await ask('/filesystem')).toMatchObject({ service: 'web' });
      const running = await compose.run(['ps', '--services', '--filter', 'status=running']);
      expect(running.trim().split('\n').toSorted()).toEqual(['api', 'files', 'maestro_proxy', 'web']);

      const again = importCompose({ text, path: join(folder, 'up/docker-compose.yml') });
      await write({ 'up/again/maestro.config.yaml': again.text });
      const reloaded = await loadRegistry({ config: join(folder, 'up/again/maestro.config.yaml') });
      expect(
        renderCompose({ loaded: { ...reloaded, root: loaded.root, file: loaded.file }, environment: 'development' }),
      ).toBe(text);
    },
    imagesMs + upMs,
  );
});

/** What YAML 1.1, or compose, takes for something else where it is written as it is. */
const traps = [
  ...[
    'yes',
    'On',
    'n',
    'true',
    'null',
    '~',
    '',
    '=',
    '<<',
    '12:30',
    '1_000',
    '0x1F',
    '0o17',
    '017',
    '1e3',
    '.5',
    '.inf',
    '-',
  ],
  ...[
    '2026-11-26',
    '$HOME',
    '${HOME}',
    '$$',
    '# no',
    'a: b',
    '- a',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a`',
    '? a',
    '{a}',
  ],
  ...[' a', 'a ', 'a\n', '\na', 'a\n\n', 'a \n b', '\ta\n\tb', 'a\r\nb', "it's", '"a"', '\\n', '\u0007'],
];

const dotenv = { source: 'dotenv', file: '.env' };

const everything = {
  project: 'shop',
  bases: { node: { dockerfile: 'base.Dockerfile', context: '.' } },
  services: {
    prepare: { context: 'services/api', strategy: 'job', image: { dockerfile: 'api.Dockerfile' } },
    api: {
      context: 'services/api',
      image: { dockerfile: 'api.Dockerfile', target: 'run', args: { A: '1' }, user: '1000:1000' },
      dependsOn: ['prepare'],
      route: { path: '/' },
      health: { intervalMs: 2_500, startPeriodMs: 90_000, statuses: ['200', '401'] },
      secrets: ['TOKEN'],
      database: { adapter: 'sqlite', file: 'api.db' },
      environment: { ON: 'yes', DOLLAR: 'a$b ${c}', TIME: '12:30', EQUALS: '=', LINES: 'a\n b\n', MERGE: '<<' },
      container: {
        replicas: 2,
        cpus: 0.5,
        memory: '512m',
        pidsLimit: 10,
        volumes: [
          { type: 'volume', source: 'on', target: '/on' },
          { type: 'bind', source: '/srv', target: '/srv', readOnly: true },
          { type: 'tmpfs', target: '/tmp', size: '1m' },
        ],
        networks: ['1_000'],
        ulimits: { nofile: { soft: 1024, hard: 2048 } },
        readOnly: true,
        capDrop: ['ALL'],
        init: true,
        logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      },
    },
  },
  environments: { development: { runtime: 'docker', proxy: { port: 8080 }, secrets: dotenv } },
};

/** A job, three services of which one reads its secret from a file, and a base image. */
const small = (project: string) => {
  const service = { context: 'services', image: { dockerfile: 'Dockerfile' } };
  const host = { host: 'shop.example', statuses: ['204'] };
  return {
    project,
    bases: { runtime: { dockerfile: 'base.Dockerfile', context: 'services' } },
    services: {
      prepare: { ...service, strategy: 'job', command: ['node', '-e', 'process.exit(0)'] },
      api: {
        ...service,
        health: host,
        dependsOn: ['prepare'],
        route: { path: '/api' },
        environment: { GREETING: 'a$b' },
        secrets: ['TOKEN'],
      },
      files: {
        ...service,
        health: { kind: 'tcp' },
        route: { path: '/files' },
        secrets: ['TOKEN'],
        container: { secretsAs: 'files' },
      },
      web: { ...service, health: host, route: { path: '/' }, dependsOn: ['api'], container: { port: 3000 } },
    },
    environments: { development: { runtime: 'docker', proxy: { port: 0 }, secrets: dotenv } },
  };
};
