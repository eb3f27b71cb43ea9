import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const packages = ['bluegreen', 'cli', 'core', 'image-store', 'migrations', 'orchestrator', 'registry', 'secrets'];

export interface BuildOptions {
  /** Not there yet. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Builds the command line as it is published, with all that it depends on, and copies it: whoever builds a package anew meanwhile
 * changes nothing here. Returns its script.
 */
export async function builtProgram({ folder, signal }: BuildOptions): Promise<string> {
  await build(signal);
  const modules = join(folder, 'node_modules');
  const own = join(modules, '@maestro');
  await mkdir(own, { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '@maestro') await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of packages) {
    for (const part of ['package.json', 'dist']) {
      await cp(join(root, 'packages', name, part), join(own, name, part), { recursive: true });
    }
    // What it needs in another version than its neighbours.
    const versions = join(root, 'packages', name, 'node_modules');
    if (existsSync(versions)) await symlink(versions, join(own, name, 'node_modules'));
  }
  return join(own, 'cli', 'dist', 'main.js');
}

async function build(signal: AbortSignal): Promise<void> {
  const nx = join(root, 'node_modules', '.bin', 'nx');
  const args = ['run', '@maestro/cli:build', '--output-style=static'];
  try {
    const env = { ...process.env, NX_DAEMON: 'false' };
    await promisify(execFile)(nx, args, { cwd: root, env, signal, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    signal.throwIfAborted();
    throw new BenchmarkError('BENCH_WRONG_RESULT', `the command line cannot be built: ${messageOf(error)}`, {
      hint: `npx nx ${args.join(' ')}`,
      cause: error,
    });
  }
}
