import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Registry, ResolvedService } from '@maestro/registry';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { initProject } from '../../src/index.ts';
import type { FoundService } from '../../src/init/found-service.ts';
import { renderConfig } from '../../src/init/render-config.ts';

async function repository(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'maestro-init-')), 'Shop 2');
  onTestFinished(() => rm(dirname(folder), { recursive: true, force: true }));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return folder;
}

interface Loaded {
  readonly registry: Registry;
  readonly runtime: string;
  readonly services: readonly ResolvedService[];
}

const loader = fileURLToPath(new URL('../fixtures/load-configs.ts', import.meta.url));

/** By Node itself: the runner of tests has a loader of its own for what is imported. */
async function load(...configs: readonly string[]): Promise<readonly Loaded[]> {
  const args = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', loader, ...configs];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Loaded);
}

const node = (start: string, dependencies = {}) => JSON.stringify({ scripts: { start }, dependencies });

it('finds the services of a repository, and writes what loads', async () => {
  const folder = await repository({
    'package.json': node('node all.js'),
    'services/api/package.json': node('node server.js', { pg: '^8.0.0', express: '^5.0.0' }),
    'services/api/Dockerfile': 'FROM node\nEXPOSE 3000\nCMD ["node", "server.js"]\n',
    'services/worker/pyproject.toml': '[project]\nname = "worker"\ndependencies = ["aiosqlite"]\n',
    'services/worker/main.py': '',
    'services/notes/README.md': '',
    'apps/Web Shop/package.json': node('next start'),
    'apps/web/Dockerfile': 'FROM nginx\n',
    'packages/shared/package.json': JSON.stringify({ name: 'shared', main: 'index.js' }),
    'packages/tool/go.mod': 'module tool\n',
    'docker-compose.yml': 'services: {}\n',
    '.gitignore': 'node_modules',
  });
  const result = await initProject({ folder });
  expect(result).toMatchObject({
    project: 'shop-2',
    services: [
      { name: 'api', context: 'services/api', command: ['node', 'server.js'] },
      { name: 'tool', context: 'packages/tool', command: ['go', 'run', '.'] },
      { name: 'web', context: 'apps/web', command: null },
      { name: 'web-shop', context: 'apps/Web Shop', command: ['npm', 'start'] },
      { name: 'worker', context: 'services/worker', command: ['python3', 'main.py'] },
    ],
    kept: [],
  });
  expect(result.next).toEqual([
    'maestro compose import docker-compose.yml --out maestro.compose.yaml',
    'cp .env.example .env && chmod 600 .env && ${EDITOR:-vi} .env',
    'git init',
    "git add --all && git commit --message 'Deploy with Maestro'",
    'maestro doctor -e development',
    'maestro deploy -e development',
  ]);
  const [loaded] = await load(join(folder, 'maestro.config.mts'));
  expect(loaded?.registry.services).toMatchObject({
    api: {
      image: { dockerfile: 'services/api/Dockerfile' },
      container: { port: 3000 },
      database: { adapter: 'postgresql', urlSecret: 'DATABASE_URL' },
      secrets: ['DATABASE_URL'],
      route: { path: '/api' },
    },
    web: { route: { path: '/' } },
    worker: { database: { adapter: 'sqlite', file: 'worker.db' } },
  });
  expect(loaded?.runtime).toBe('embedded');
  expect(await readFile(join(folder, '.env.example'), 'utf8')).toContain("DATABASE_URL='postgres://");
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\n.maestro/\n.env\n');
  expect(await readdir(join(folder, 'services/worker/migrations'))).toEqual(['README.md']);
});

it('takes a repository of one service as it is, and containers where only images say how to start', async () => {
  const folder = await repository({ Dockerfile: 'FROM nginx\nEXPOSE 8080\n' });
  const { services } = await initProject({ folder });
  expect(services).toEqual([{ name: 'shop-2', context: '.', command: null }]);
  expect(await load(join(folder, 'maestro.config.mts'))).toMatchObject([{ runtime: 'docker' }]);
});

it.each([
  ['maestro.config.ts', { type: 'module' }],
  ['maestro.config.mts', { type: 'commonjs' }],
  ['maestro.config.mts', {}],
])('writes a %s beside a package.json with %j, which Node runs without a word', async (config, facts) => {
  const folder = await repository({
    'package.json': JSON.stringify({ ...facts, scripts: { start: 'node server.js' } }),
  });
  expect((await initProject({ folder })).written).toContain(config);
  const { stderr } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', config], {
    cwd: folder,
  });
  expect(stderr).toBe('');
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('.maestro/\n.env\nnode_modules/\n');
});

it('overwrites nothing, also when it is called twice', async () => {
  const folder = await repository({
    'package.json': node('node server.js'),
    'maestro.config.yaml': 'project: mine\n',
    '.env.example': 'MINE=1\n',
    'migrations/0001_mine.up.sql': '',
    '.gitignore': '.env\n/.maestro/\n/node_modules\n',
  });
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  const first = await initProject({ folder });
  expect(first).toMatchObject({
    written: [],
    kept: ['maestro.config.yaml', '.env.example', 'migrations/', '.gitignore'],
  });
  expect(first.next).not.toContain('git init');
  expect(await initProject({ folder })).toEqual(first);
  expect(await readFile(join(folder, '.env.example'), 'utf8')).toBe('MINE=1\n');
  expect(await readdir(folder)).not.toContain('maestro.config.mts');
});

it('writes nothing where there is no service', async () => {
  const folder = await repository({ 'README.md': '', 'compose.yaml': '' });
  await expect(initProject({ folder })).rejects.toMatchObject({
    code: 'ORCHESTRATOR_NO_SERVICES',
    hint: 'maestro compose import compose.yaml',
  });
  expect((await readdir(folder)).sort()).toEqual(['README.md', 'compose.yaml']);
});

it('writes what loads, whatever was found', { timeout: 120_000 }, async () => {
  const folder = await repository({ 'README.md': '' });
  const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
  const found = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    context: fc.constantFrom('.', 'services/api', "apps/o'clock"),
    command: fc.option(words),
    port: fc.option(fc.integer({ min: 1, max: 65_535 })),
    dockerfile: fc.option(fc.constantFrom('Dockerfile', 'services/api/Dockerfile')),
    database: fc.constantFrom('mysql' as const, 'postgresql' as const, 'sqlite' as const, null),
    hasMigrations: fc.boolean(),
    needsPackages: fc.boolean(),
  });
  const usable = found.filter(({ command, dockerfile }) => command !== null || dockerfile !== null);
  const services = fc.uniqueArray<FoundService, string>(usable, {
    minLength: 1,
    maxLength: 4,
    selector: ({ name }) => name,
  });
  const samples = fc.sample(services, process.env.MAESTRO_NIGHTLY === 'true' ? 500 : 50);
  const files = samples.map((_, index) => join(folder, `maestro.config.${index}.ts`));
  for (const [index, all] of samples.entries()) {
    await writeFile(files[index] ?? '', renderConfig({ project: 'shop', services: all, port: 8080 }));
  }
  const loaded = await load(...files);
  for (const [index, all] of samples.entries()) {
    const commands = new Map(loaded[index]?.services.map(({ name, command }) => [name, command]));
    const known = all.filter(({ command }) => command !== null);
    expect(known.map(({ name }) => commands.get(name))).toEqual(known.map(({ command }) => command));
  }
});
