import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkVersions } from '../src/check-versions.ts';
import { type Manifest, publishablePackages, readManifest } from '../src/publishable-packages.ts';
import { runProgram } from '../src/run-program.ts';
import { requestedBumps, versionPackages } from '../src/version-packages.ts';

const repository = join(import.meta.dirname, '..', '..', '..');

describe('versionPackages', () => {
  let root: string;
  let before: readonly Manifest[];
  let after: readonly Manifest[];
  let problems: readonly unknown[];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'maestro-release-test-'));
    await writeTree(root);
    before = (await publishablePackages(root)).map(({ manifest }) => manifest);
    const requested = await requestedBumps(root);
    await versionPackages(root, {
      emit: () => undefined,
      clock: systemClock,
      signal: new AbortController().signal,
    });
    after = (await publishablePackages(root)).map(({ manifest }) => manifest);
    const changelogs = await Promise.all(after.map(async ({ name }) => [name, await changelogOf(root, name)] as const));
    problems = checkVersions({ before, after, requested, changelogs: new Map(changelogs) });
  }, 5 * 60_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('releases what changed and what depends on it, and nothing else', () => {
    expect(problems).toEqual([]);
    expect(after.map(({ name, version }) => `${name}@${version}`)).toEqual([
      '@maestro/alone@0.1.0',
      '@maestro/base@0.2.0',
      '@maestro/user@0.1.1',
    ]);
  });

  it('writes changelogs that people can read', async () => {
    expect(await changelogOf(root, '@maestro/base')).toBe(
      '# @maestro/base\n\n## 0.2.0\n\n### Minor Changes\n\n- Bases are told apart.\n\n### Patch Changes\n\n- Bases are faster.\n',
    );
    expect(await changelogOf(root, '@maestro/user')).toBe(
      '# @maestro/user\n\n## 0.1.1\n\n### Patch Changes\n\n- Works with `@maestro/base` 0.2.0.\n',
    );
  });

  it('brings private packages along without a version of their own', async () => {
    expect(await readManifest(join(root, 'tools', 'tool'))).toMatchObject({
      version: '0.1.0',
      dependencies: { '@maestro/base': '^0.2.0' },
    });
  });
});

/** Three packages and a tool, with changesets for the one that the others depend on. */
async function writeTree(root: string): Promise<void> {
  const base = { '@maestro/base': '^0.1.0' };
  await json(root, 'package.json', { name: 'tree', private: true, workspaces: ['packages/*', 'tools/*'] });
  await json(root, 'package-lock.json', { name: 'tree', lockfileVersion: 3, requires: true, packages: {} });
  await json(root, 'packages/base/package.json', { name: '@maestro/base', version: '0.1.0' });
  await json(root, 'packages/alone/package.json', { name: '@maestro/alone', version: '0.1.0' });
  await json(root, 'packages/user/package.json', { name: '@maestro/user', version: '0.1.0', dependencies: base });
  await json(root, 'tools/tool/package.json', {
    name: '@maestro/tool',
    version: '0.1.0',
    private: true,
    dependencies: base,
  });
  const config = JSON.parse(await readFile(join(repository, '.changeset', 'config.json'), 'utf8')) as object;
  const changelog = join(repository, 'tools', 'release', 'src', 'changelog.ts');
  await json(root, '.changeset/config.json', { ...config, changelog });
  await file(root, '.changeset/one.md', "---\n'@maestro/base': minor\n---\n\nBases are told apart.\n");
  await file(root, '.changeset/two.md', "---\n'@maestro/base': patch\n---\n\nBases are faster.\n");
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  const git = (...args: string[]) =>
    runProgram({ program: 'git', args, folder: root, deadlineMs: 30_000, clock: systemClock });
  await git('init', '--quiet', '--initial-branch=main');
}

async function json(root: string, path: string, value: object): Promise<void> {
  await file(root, path, `${JSON.stringify(value, null, 2)}\n`);
}

async function file(root: string, path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

async function changelogOf(root: string, name: string): Promise<string> {
  const path = join(root, 'packages', name.replace('@maestro/', ''), 'CHANGELOG.md');
  return await readFile(path, 'utf8').catch(() => '');
}
