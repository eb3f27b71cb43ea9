import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { toolEnvironment } from './pack-packages.ts';
import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

const deadlineMs = 3 * 60_000;

export type Bump = 'patch' | 'minor' | 'major';

/**
 * Gives every package its next version, by the changesets of the tree at `root`: its package.json, changelog and
 * dependents are written, the changesets removed, the lock brought up to date. Throws RELEASE_PROGRAM_FAILED.
 */
export async function versionPackages(root: string, { clock, signal }: ReleaseContext): Promise<void> {
  const environment = toolEnvironment(root);
  const changeset = join(root, 'node_modules', '.bin', 'changeset');
  const run = (program: string, args: readonly string[]) =>
    runProgram({ program, args, folder: root, environment, deadlineMs, clock, signal });
  await run(changeset, ['version']);
  await run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']);
}

/** The largest bump that the changesets of the tree at `root` ask for, by package. */
export async function requestedBumps(root: string): Promise<ReadonlyMap<string, Bump>> {
  const requested = new Map<string, Bump>();
  for (const text of await changesets(root)) {
    for (const [name, bump] of bumpsOf(text)) {
      if (rank(bump) > rank(requested.get(name))) requested.set(name, bump);
    }
  }
  return requested;
}

/** The texts of the changesets, in the order of their names. */
async function changesets(root: string): Promise<readonly string[]> {
  const folder = join(root, '.changeset');
  const names = await readdir(folder);
  const files = names.filter((name) => name.endsWith('.md') && name !== 'README.md').toSorted();
  return await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
}

function bumpsOf(text: string): readonly (readonly [string, Bump])[] {
  const [, frontMatter = ''] = text.split(/^---$/m);
  return [...frontMatter.matchAll(/^['"](.+)['"]:\s*(patch|minor|major)\s*$/gm)].map(
    ([, name = '', bump]) => [name, bump as Bump] as const,
  );
}

/** None below `patch` below `minor` below `major`. */
export function rank(bump: Bump | undefined): number {
  return bump === undefined ? 0 : { patch: 1, minor: 2, major: 3 }[bump];
}
