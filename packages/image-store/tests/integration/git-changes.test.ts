import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { gitChanges, type GitChangesOptions } from '../../src/index.ts';
import { gitRepository, serviceRepository } from './git-fixture.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('what changed since a commit', () => {
  it('is what was changed, added and removed, a renamed file by both names', async () => {
    const { root, git, write, commit, revision } = serviceRepository();
    write('services/api/new.js', 'new');
    write('services/api/main.js', 'two');
    commit();
    git('mv', 'services/web/index.html', 'services/web/start.html');
    commit();
    const changes = await gitChanges({ folder: root, since: revision, ref: 'HEAD' });
    expect(changes).toMatchObject({ base: revision, root });
    expect(changes.files.toSorted()).toEqual([
      'services/api/main.js',
      'services/api/new.js',
      'services/web/index.html',
      'services/web/start.html',
    ]);
    expect(await changes.textBefore('services/api/main.js')).toBe('one');
    expect(await changes.textBefore('services/api/new.js')).toBeUndefined();
  });

  it('is of all the repository, as seen from the folder that asks', async () => {
    const { folder, write, commit, revision } = serviceRepository();
    write('services/web/index.html', 'changed');
    write('services/api/main.js', 'two');
    write('top', 'top');
    commit();
    const changes = await gitChanges({ folder, since: revision });
    expect(changes.files.toSorted()).toEqual(['../../top', '../web/index.html', 'main.js']);
    expect(await changes.textBefore('../web/index.html')).toBe('web');
  });

  it('holds what is not committed and what is new, but nothing ignored, unless a commit is named', async () => {
    const { root, git, write, commit } = serviceRepository();
    write('.gitignore', 'build/\n');
    write('staged', 'one');
    write('gone', 'one');
    const since = commit();
    write('staged', 'two');
    git('add', 'staged');
    write('services/api/new file.js', 'new');
    write('build/output', 'ignored');
    rmSync(join(root, 'gone'));
    const files = async (options: Partial<GitChangesOptions>) =>
      (await gitChanges({ folder: root, since, ...options })).files.toSorted();
    expect(await files({})).toEqual(['gone', 'services/api/new file.js', 'staged']);
    expect(await files({ ref: 'HEAD' })).toEqual([]);
  });

  it('is what changed on this side, where the other one went on as well', async () => {
    const { root, git, write, commit, revision } = serviceRepository();
    git('checkout', '--quiet', '-b', 'feature');
    write('services/api/main.js', 'two');
    commit();
    git('checkout', '--quiet', 'main');
    write('services/web/index.html', 'theirs');
    commit();
    const changes = await gitChanges({ folder: root, since: 'main', ref: 'feature' });
    expect(changes).toMatchObject({ base: revision, files: ['services/api/main.js'] });
  });

  it('takes names with any byte', async () => {
    const { root, write, commit, revision } = serviceRepository();
    write('services/api/naïve 日本 "quoted"\nline\t\\', 'text');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/services/api/`), Buffer.from([0xff, 0xfe])]), 'bytes');
    write('services/[a-z]*/:(top)x', 'pattern');
    commit();
    expect((await gitChanges({ folder: root, since: revision, ref: 'HEAD' })).files.toSorted()).toEqual([
      'services/[a-z]*/:(top)x',
      'services/api/naïve 日本 "quoted"\nline\t\\',
      'services/api/\uFFFD\uFFFD',
    ]);
  });

  it('names submodules, other repositories and links by their folder', async () => {
    const { root, git, write, commit, revision } = serviceRepository();
    const other = serviceRepository();
    const allowed = ['-c', 'protocol.file.allow=always'];
    git(...allowed, 'submodule', '--quiet', 'add', other.root, 'services/foreign');
    mkdirSync(join(root, 'nested'));
    execFileSync('git', ['clone', '--quiet', other.root, join(root, 'nested/clone')], { stdio: 'pipe' });
    rmSync(join(root, 'services/web'), { recursive: true });
    symlinkSync('api', join(root, 'services/web'));
    const files = (since: string) => gitChanges({ folder: root, since }).then((changes) => changes.files.toSorted());
    expect(await files(revision)).toEqual([
      '.gitmodules',
      'nested/clone',
      'services/foreign',
      'services/web',
      'services/web/index.html',
    ]);

    rmSync(join(root, 'nested'), { recursive: true });
    commit();
    expect(await files('HEAD')).toEqual([]);
    write('services/foreign/services/api/main.js', 'changed within');
    expect(await files('HEAD')).toEqual(['services/foreign']);
  });

  it("does not depend on the user's configuration, nor on the hook that asks", async () => {
    const home = mkdtempSync(join(tmpdir(), 'maestro-home-'));
    writeFileSync(join(home, 'order'), '*.html\n');
    writeFileSync(
      join(home, '.gitconfig'),
      `[diff]\nrelative = true\nrenames = copies\nignoreSubmodules = all\nexternal = false\norderFile = ${home}/missing\n` +
        `[core]\nquotePath = true\nexcludesFile = ${home}/order\n[status]\nshowUntrackedFiles = no\n[color]\nui = always\n`,
    );
    const { folder, git, write, revision } = serviceRepository();
    git('mv', 'services/web/index.html', 'services/web/ü.html');
    write('services/web/new.html', 'new');
    const other = serviceRepository();
    vi.stubEnv('HOME', home);
    vi.stubEnv('XDG_CONFIG_HOME', home);
    vi.stubEnv('GIT_DIR', join(other.root, '.git'));
    const { files } = await gitChanges({ folder, since: revision });
    expect(files.toSorted()).toEqual(['../web/index.html', '../web/new.html', '../web/ü.html']);
  });

  it('is found out for many thousand files', async () => {
    const { root, write, revision } = serviceRepository();
    for (let i = 0; i < 3_000; i += 1) write(`services/api/${'deep/'.repeat(i % 9)}file-${i}`, '');
    expect((await gitChanges({ folder: root, since: revision })).files).toHaveLength(3_000);
  });
});

describe('a commit to compare with', () => {
  it('must be there, and be called a commit', async () => {
    const { root } = serviceRepository();
    for (const since of ['nowhere', '--output=/tmp/x', 'main:services']) {
      await expect(gitChanges({ folder: root, since })).rejects.toSatisfy((error) =>
        isMaestroError(error, 'IMAGE_STORE_UNKNOWN_REF'),
      );
    }
  });

  it('must have a commit in common with what is compared, which a shallow clone may not know', async () => {
    const { root, git, write, commit, revision } = serviceRepository();
    write('services/api/main.js', 'two');
    commit();
    git('checkout', '--quiet', '-b', 'feature', revision);
    write('services/api/main.js', 'three');
    commit();
    const clone = join(mkdtempSync(join(tmpdir(), 'maestro-clone-')), 'clone');
    const all = ['--quiet', '--depth=1', '--no-single-branch'];
    execFileSync('git', ['clone', ...all, `file://${root}`, clone], { stdio: 'pipe' });
    await expect(gitChanges({ folder: clone, since: 'origin/main' })).rejects.toMatchObject({
      code: 'IMAGE_STORE_UNKNOWN_REF',
      hint: `git -C ${clone} fetch --unshallow brings the commits before`,
    });

    git('checkout', '--quiet', '--orphan', 'unrelated');
    commit();
    await expect(gitChanges({ folder: root, since: 'main' })).rejects.toMatchObject({
      code: 'IMAGE_STORE_UNKNOWN_REF',
      message: expect.stringContaining('went apart') as string,
    });
  });

  it('cannot be one of a repository that has none', async () => {
    const { root } = gitRepository();
    await expect(gitChanges({ folder: root, since: 'main' })).rejects.toMatchObject({ code: 'IMAGE_STORE_NO_COMMITS' });
  });
});
