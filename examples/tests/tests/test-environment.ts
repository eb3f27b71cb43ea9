import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Environment, openEnvironment } from '@maestro/orchestrator';

/** The project, deployed to an environment that is only this suite's. */
export interface TestEnvironment extends AsyncDisposable {
  readonly environment: Environment;
  /** Asks the site as a user does. */
  get(path: string): Promise<Response>;
  /** Changes a file of the project as a developer would, and commits it. */
  change(path: string, from: string, to: string): Promise<void>;
}

export interface TestEnvironmentOptions {
  /** Folder of the project, with `maestro.config.ts` in it. */
  readonly project: string;
  /** Its files and folders that are deployed. */
  readonly files: readonly string[];
  /** Values of its secrets, for these tests only. */
  readonly secrets: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

// Any free port, and a folder of its own: suites may run side by side, and beside a developer's own environment.
const registry = `import { defineRegistry } from '@maestro/registry';

import project from './maestro.config.ts';

export default defineRegistry({
  ...project,
  environments: {
    test: { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: '.env' } },
  },
});
`;

/** A copy of the project in a git repository of its own; nothing is deployed yet. */
export async function openTestEnvironment(options: TestEnvironmentOptions): Promise<TestEnvironment> {
  const { project, files, secrets } = options;
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'end-to-end-'));
  const config = join(folder, 'maestro.test.config.ts');
  for (const name of ['maestro.config.ts', ...files]) {
    await cp(join(project, name), join(folder, name), { recursive: true });
  }
  await symlink(join(import.meta.dirname, '..', '..', '..', 'node_modules'), join(folder, 'node_modules'));
  await writeFile(config, registry);
  const lines = Object.entries(secrets).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(join(folder, '.env'), lines.join(''), { mode: 0o600 });
  await writeFile(join(folder, '.gitignore'), '.env\n.maestro\nnode_modules\n');
  const commit = async () => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    await run('git', ['add', '--all'], { cwd: folder });
    await run('git', [...identity, 'commit', '--quiet', '--message', 'change'], { cwd: folder });
  };
  await run('git', ['init', '--quiet'], { cwd: folder });
  await commit();

  const environment = await openEnvironment({ config, environment: 'test' });
  return {
    environment,
    async get(path) {
      const { url } = await environment.status();
      return fetch(new URL(path, url ?? 'http://not-deployed'));
    },
    async change(path, from, to) {
      const text = await readFile(join(folder, path), 'utf8');
      if (!text.includes(from)) throw new Error(`${path} does not hold: ${from}`);
      await writeFile(join(folder, path), text.replace(from, to));
      await commit();
    },
    async [Symbol.asyncDispose]() {
      await environment.stop();
      await environment[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
