import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { type Environment, openEnvironment } from '@maestro/orchestrator';

import { serviceNames } from './service-process.ts';

/** The example in a git repository of its own, below a home of Dockerfiles as in this one. */
export interface PlatformProject extends AsyncDisposable {
  /** Folder of the registry file. */
  readonly folder: string;
  readonly environment: Environment;
  /** Changes a file of the example and commits it. */
  change(path: string, from: string, to: string): Promise<void>;
  /** Runs the command line on the environment, or on the one that `-e` names; what it printed. */
  maestro(...args: string[]): Promise<string>;
}

export interface ProjectOptions {
  readonly environment: string;
  /** How it differs here: the registry file that the tests use, which lays it over the example's own. */
  readonly registry: string;
  /** Of images, so that they go with the suite. */
  readonly labels?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..', '..', '..');
const copied = ['maestro.config.ts', 'package.json', 'services', '.gitignore', '.env.example'];
const program = join(dirname(fileURLToPath(import.meta.resolve('@maestro/cli/package.json'))), 'src', 'main.ts');

const run = promisify(execFile);

export async function createProject({ registry, environment, labels = {} }: ProjectOptions): Promise<PlatformProject> {
  const top = await mkdtemp(join(await realpath(tmpdir()), 'maestro-platform-'));
  const folder = join(top, 'examples', 'maestro-platform');
  const config = join(folder, 'maestro.test.config.ts');
  for (const name of copied) {
    await cp(join(root, 'examples', 'maestro-platform', name), join(folder, name), { recursive: true });
  }
  for (const name of serviceNames) {
    const place = join('dockerfiles', name);
    await cp(join(root, place), join(top, place), { recursive: true });
    const dockerfile = join(top, place, 'Dockerfile');
    await writeFile(dockerfile, labelled(await readFile(dockerfile, 'utf8'), labels));
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(config, registry);
  await writeFile(join(folder, '.env'), await filledIn(join(folder, '.env.example')), { mode: 0o600 });
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: top });
  const commit = async () => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  await git('init', '--quiet');
  await commit();

  const opened = await openEnvironment({ config, environment });
  return {
    folder,
    environment: opened,
    async change(path, from, to) {
      const text = await readFile(join(folder, path), 'utf8');
      if (!text.includes(from)) throw new Error(`${path} does not hold: ${from}`);
      await writeFile(join(folder, path), text.replace(from, to));
      await commit();
    },
    async maestro(...args) {
      const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
      // Named first, so that what follows `--` stays the last.
      const command = [...flags, program, '-e', environment, '-c', config, ...args];
      return (await run(process.execPath, command, { cwd: folder })).stdout;
    },
    async [Symbol.asyncDispose]() {
      await opened.stop();
      await opened[Symbol.asyncDispose]();
      await rm(top, { recursive: true, force: true });
    },
  };
}

/** In each stage: a builder may leave images of those that are not the last one. */
function labelled(dockerfile: string, labels: Readonly<Record<string, string>>): string {
  const lines = Object.entries(labels).map(([label, value]) => `\nLABEL "${label}"="${value}"`);
  return dockerfile.replaceAll(/^FROM .*$/gm, (from) => `${from}${lines.join('')}`);
}

/** As somebody does who copies it to .env. */
async function filledIn(example: string): Promise<string> {
  const text = await readFile(example, 'utf8');
  return text.replaceAll(/^([A-Z_]+)=$/gm, (_, name: string) => `${name}=${randomBytes(32).toString('hex')}`);
}
