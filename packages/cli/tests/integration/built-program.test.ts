import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const home = join(root, 'packages', 'cli');
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

// Inside of the package, so that what is not bundled is found as from its place.
let folder = '';
let program = '';

beforeAll(async () => {
  await mkdir(join(home, 'out-tsc'), { recursive: true });
  folder = await mkdtemp(join(home, 'out-tsc', 'built-'));
  const dist = join(folder, 'dist');
  await promisify(execFile)(join(root, 'node_modules', '.bin', 'tsup'), ['--out-dir', dist], { cwd: home });
  await cp(join(home, 'package.json'), join(folder, 'package.json'));
  program = join(dist, 'main.js');
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function maestro(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const options = { cwd: folder, env: { ...env, NODE_COMPILE_CACHE: undefined, NO_COLOR: '1' } };
  // What is not bundled of our own packages is taken from their sources: nothing but the command line is built here.
  return await promisify(execFile)(process.execPath, ['--conditions=@maestro/source', program, ...args], options);
}

it('asks for nothing that is not installed with it', async () => {
  const { dependencies } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as Manifest;
  const installed = new Set([...Object.keys(dependencies), ...builtinModules, 'pg-native']);
  const asked = new Set<string>();
  for (const file of (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.js'))) {
    const text = await readFile(join(folder, 'dist', file), 'utf8');
    const imports = text.matchAll(/(?:from|import|\bimport\(|resolve\()\s*"((?:@[\w.-]+\/)?[a-z][\w:.-]*)[^"]*"/g);
    for (const [, name = ''] of imports) {
      if (!name.startsWith('.') && !name.startsWith('node:')) asked.add(name);
    }
  }
  expect([...asked]).toContain('pg');
  expect([...asked]).toContain('@maestro/bluegreen');
  expect([...asked].filter((name) => !installed.has(name))).toEqual([]);
});

it('brings the licences of what is in it', async () => {
  const text = await readFile(join(folder, 'dist', 'LICENCES.txt'), 'utf8');
  for (const name of ['commander', 'tar-stream', 'undici', 'yaml', 'zod']) {
    expect(text).toMatch(new RegExp(`^${name} [0-9.]+: MIT|^${name} [0-9.]+: ISC`, 'm'));
  }
});

it('reads a configuration, and says in words what is wrong with it', async () => {
  const services = { api: { context: 7, command: ['node', 'server.mjs'] } };
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ project: 'shop', services, environments: {} }));
  await expect(maestro(['status', '-e', 'demo', '-c', 'wrong.json'])).rejects.toMatchObject({
    stderr: expect.stringContaining('services.api.context (1:38): expected a relative path') as string,
  });
});

it('keeps compiled code in a folder of the user', async () => {
  const caches = join(folder, 'caches');
  await maestro(['completion', 'bash'], { ...process.env, XDG_CACHE_HOME: caches });
  expect(await readdir(join(caches, 'maestro', 'compiled'))).not.toEqual([]);
});

it('deploys what runs in an embedded environment, and stops it', async () => {
  const project = join(folder, 'project');
  await mkdir(join(project, 'api'), { recursive: true });
  await writeFile(
    join(project, 'api', 'server.mjs'),
    `import { createServer } from 'node:http';
     createServer((_, response) => response.end('well')).listen(Number(process.env.PORT), process.env.HOST);`,
  );
  const services = { api: { context: 'api', command: ['node', 'server.mjs'], route: { path: '/' } } };
  const environments = { demo: { runtime: 'embedded', proxy: { port: 0 } } };
  const config = join(project, 'maestro.config.json');
  await writeFile(config, JSON.stringify({ project: 'built', services, environments }));
  await writeFile(join(project, '.gitignore'), '.maestro/\n');
  const git = (...args: readonly string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: project });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '--message', 'first');
  const run = async (...args: readonly string[]) => {
    const { stdout } = await maestro([...args, '-e', 'demo', '-c', config, '--json']);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  };
  try {
    expect(await run('deploy')).toMatchObject({ ok: true, outcome: 'deployed' });
    expect(await run('status')).toMatchObject({ services: [{ name: 'api', live: { healthy: true } }] });
  } finally {
    expect(await run('stop', '--yes')).toMatchObject({ ok: true });
  }
}, 120_000);
