import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';
import { npmVersion } from '../../npm-version.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const readers = fileURLToPath(new URL('readers', import.meta.url));

const powertools = { name: '@aws-lambda-powertools/parameters', version: '2.35.0' };
const cache = { name: 'aws-secrets-manager-cache', version: '0.2.0' };
const client = '@aws-sdk/client-secrets-manager';

/** Installed in projects of their own, not here: what they bring is part of what is measured. */
export const peers = {
  [powertools.name]: () => Promise.resolve(powertools.version),
  [cache.name]: () => Promise.resolve(cache.version),
};

/** What the readers are asked about. */
export interface Service {
  readonly endpoint: string;
  readonly names: readonly string[];
  /** How many requests there were so far. */
  readonly calls: () => number;
}

/** A folder with packages installed in it and nothing else. */
export interface Project {
  /** What it is for, as figures name it. */
  readonly name: string;
  /** Packages in its node_modules, of all depths. */
  readonly packages: number;
  /** Runs Node in it and returns what it prints. */
  readonly node: (...args: readonly string[]) => Promise<string>;
}

export interface InstalledProjects {
  readonly ours: Project;
  /** AWS's client alone. */
  readonly client: Project;
  readonly powertools: Project;
  readonly cache: Project;
}

export interface InstallOptions {
  readonly signal: AbortSignal;
  /** Told of each folder before anything is in it. */
  readonly onFolder: (folder: string) => void;
}

/** Packs ours from these sources, and installs each in an empty project from the registry that npm is set to. */
export async function installProjects(options: InstallOptions): Promise<InstalledProjects> {
  const clientVersion = `${client}@${await npmVersion(client)}`;
  const tarballs = await packed(options);
  return {
    ours: await installed('@maestro/secrets', tarballs, options),
    client: await installed(client, [clientVersion], options),
    powertools: await installed(powertools.name, [`${powertools.name}@${powertools.version}`, clientVersion], options),
    cache: await installed(cache.name, [`${cache.name}@${cache.version}`, 'aws-sdk@2.1693.0'], options),
  };
}

async function packed({ signal, onFolder }: InstallOptions): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-packed-'));
  onFolder(folder);
  const packages = ['core', 'secrets'];
  for (const name of packages) await npm(['run', 'build', '--silent'], { cwd: join(root, 'packages', name), signal });
  const names = packages.map((name) =>
    npm(['pack', '--silent', '--pack-destination', folder], { cwd: join(root, 'packages', name), signal }),
  );
  return (await Promise.all(names)).map((name) => join(folder, name.trim()));
}

async function installed(
  name: string,
  packages: readonly string[],
  { signal, onFolder }: InstallOptions,
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-project-'));
  onFolder(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module' }));
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
  await npm(['install', ...quiet, ...packages], { cwd: folder, signal });
  await mkdir(join(folder, 'readers'));
  await cp(readers, join(folder, 'readers'), { recursive: true });
  const lock = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  const { packages: found } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, unknown>> };
  return {
    name,
    packages: Object.keys(found).length,
    node: async (...args) => (await run(process.execPath, args, { cwd: folder, signal })).stdout,
  };
}

async function npm(
  args: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<string> {
  try {
    return (await run('npm', args, { cwd, signal })).stdout;
  } catch (error) {
    signal.throwIfAborted();
    throw new BenchmarkError('BENCH_PEER_FAILED', `npm ${args.join(' ')} failed: ${messageOf(error)}`, {
      hint: `cd ${cwd} && npm ${args.join(' ')}`,
      cause: error,
    });
  }
}
