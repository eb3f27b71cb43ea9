import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { containerConfig, containerFiles } from './container-files.ts';
import type { ContainerGround } from './containers.ts';
import { DemoError } from './errors.ts';

export type CommitNumber = 1 | 2 | 3;

/** A copy of the example in a git repository of its own. */
export interface DemoProject {
  readonly folder: string;
  readonly config: string;
  /** Makes the next commit; its hash. */
  commit(number: CommitNumber): Promise<string>;
  remove(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..', '..');
const example = join(root, 'examples', 'first-deploy');
const overlays = join(import.meta.dirname, '..', 'overlays');
const copied = ['maestro.config.ts', 'package.json', 'services', '.gitignore', '.env.example'];

const messages: Readonly<Record<CommitNumber, string>> = {
  1: 'commit 1: templates',
  2: 'commit 2: categories',
  3: 'commit 3: search, without its index',
};

export interface ProjectOptions {
  readonly signal?: AbortSignal | undefined;
  /** To run in containers; processes by default. */
  readonly ground?: ContainerGround | undefined;
}

export async function createProject({ signal, ground }: ProjectOptions = {}): Promise<DemoProject> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'maestro-demo-'));
  const config = join(folder, 'maestro.config.ts');
  const git = (...args: string[]) => runGit(folder, args, signal);
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });

  try {
    for (const name of copied) await cp(join(example, name), join(folder, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, '.env'), `API_TOKEN=${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    await writeFile(config, withAnyFreePort(await readFile(config, 'utf8')));
    const added = ground === undefined ? {} : containerFiles(ground);
    for (const [name, text] of Object.entries(added)) await writeFile(join(folder, name), text);
    await git('init', '--quiet');
  } catch (error) {
    await remove();
    throw error;
  }

  return {
    folder,
    config: ground === undefined ? config : join(folder, containerConfig),
    async commit(number) {
      if (number !== 1) await git('apply', '--whitespace=nowarn', join(overlays, `commit-${number}.patch`));
      await git('add', '--all');
      await git('commit', '--quiet', '--message', messages[number]);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    remove,
  };
}

/** The example's own port may be in use on this machine. */
function withAnyFreePort(config: string): string {
  const changed = config.replace(/(demo: \{[^}]*port: )8080/, '$10');
  if (changed === config) {
    throw new DemoError('DEMO_PROJECT_BROKEN', 'maestro.config.ts: expected the environment demo with port 8080', {
      hint: 'change tools/demo/src/project.ts together with examples/first-deploy/maestro.config.ts',
    });
  }
  return changed;
}

async function runGit(folder: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  // The repository of whoever runs the demo, for instance from a git hook, is not this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const identity = ['-c', 'user.name=Maestro demo', '-c', 'user.email=demo@localhost', '-c', 'commit.gpgSign=false'];
  const exact = ['-c', 'core.autocrlf=false', '-c', 'core.hooksPath=/dev/null'];
  try {
    const options = { cwd: folder, env, timeout: 30_000, ...(signal === undefined ? {} : { signal }) };
    return (await promisify(execFile)('git', [...identity, ...exact, ...args], options)).stdout;
  } catch (error) {
    signal?.throwIfAborted();
    throw new DemoError('DEMO_PROJECT_BROKEN', `git ${args[0] ?? ''} failed: ${messageOf(error)}`, {
      hint:
        args[0] === 'apply'
          ? 'examples/first-deploy changed: bring tools/demo/overlays up to date'
          : 'check that git is installed: git --version',
      cause: error,
    });
  }
}
