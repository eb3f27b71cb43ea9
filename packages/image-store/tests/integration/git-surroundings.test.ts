import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { assembleImage, type ImageStoreErrorCode, readGitSource } from '../../src/index.ts';
import { contentsOf, gitRepository, serviceRepository } from './git-fixture.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function expectCode(work: Promise<unknown>, code: ImageStoreErrorCode): Promise<void> {
  await expect(work).rejects.toSatisfy((error) => isMaestroError(error, code));
}

describe('the answer', () => {
  it('is the same inside a git hook, whose variables point to another repository', async () => {
    const { folder, revision } = serviceRepository();
    const other = serviceRepository();
    vi.stubEnv('GIT_DIR', join(other.root, '.git'));
    vi.stubEnv('GIT_WORK_TREE', other.root);
    vi.stubEnv('GIT_INDEX_FILE', join(other.root, '.git', 'index'));
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'status.showUntrackedFiles');
    vi.stubEnv('GIT_CONFIG_VALUE_0', 'no');
    expect(await readGitSource({ folder })).toMatchObject({ revision, dirty: false });
  });

  it("does not depend on the user's configuration", async () => {
    const home = mkdtempSync(join(tmpdir(), 'maestro-home-'));
    writeFileSync(join(home, 'ignored'), '*\n');
    writeFileSync(
      join(home, '.gitconfig'),
      `[core]\nexcludesFile = ${home}/ignored\nquotePath = true\nabbrev = 20\n` +
        '[status]\nshowUntrackedFiles = no\nshort = true\n[log]\nshowSignature = true\n[color]\nui = always\n',
    );
    vi.stubEnv('HOME', home);
    vi.stubEnv('XDG_CONFIG_HOME', home);
    const { write, folder, revision } = serviceRepository();
    write('services/api/neu ü.js', 'new');
    const source = await readGitSource({ folder });
    expect(source).toMatchObject({ dirty: true, shortRevision: revision.slice(0, 7) });
    expect(Object.keys(contentsOf(source))).toEqual(['main.js', 'neu ü.js']);
  });

  it('gives every clone the same image', async () => {
    const { root, folder, revision } = serviceRepository();
    const clone = join(mkdtempSync(join(tmpdir(), 'maestro-clone-')), 'clone');
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${root}`, clone], { stdio: 'pipe' });
    const options = { repository: 'shop-api', environment: 'production' };
    const here = await assembleImage({ ...options, source: await readGitSource({ folder }) });
    const there = readGitSource({ folder: join(clone, 'services', 'api'), ref: revision });
    expect((await assembleImage({ ...options, source: await there })).digest).toBe(here.digest);
  });

  it('leaves the index as it was, for a git command that runs meanwhile', async () => {
    const { root, write, git, folder } = serviceRepository();
    write('services/api/main.js', 'one');
    writeFileSync(join(root, '.git', 'index.lock'), '');
    expect((await readGitSource({ folder })).dirty).toBe(false);
    rmSync(join(root, '.git', 'index.lock'));
    expect(git('status', '--porcelain')).toBe('');
  });
});

describe('a source that cannot be read', () => {
  it('is outside of any repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maestro-plain-'));
    await expectCode(readGitSource({ folder }), 'IMAGE_STORE_NOT_A_GIT_REPOSITORY');
  });

  it('is in a repository without a commit', async () => {
    const { root, write } = gitRepository();
    write('api/main.js', 'one');
    await expectCode(readGitSource({ folder: join(root, 'api') }), 'IMAGE_STORE_NO_COMMITS');
  });

  it.each(['no-such-branch', '--help', '', 'HEAD:services'])('has the unknown ref "%s"', async (ref) => {
    const { folder } = serviceRepository();
    await expectCode(readGitSource({ folder, ref }), 'IMAGE_STORE_UNKNOWN_REF');
  });

  it('is a folder without files, at the commit or in the working tree', async () => {
    const { root, folder } = serviceRepository();
    const other = join(root, 'services', 'other');
    await expectCode(readGitSource({ folder: other, ref: 'HEAD' }), 'IMAGE_STORE_SOURCE_EMPTY');
    mkdirSync(other);
    await expectCode(readGitSource({ folder: other }), 'IMAGE_STORE_SOURCE_EMPTY');
    await expectCode(readGitSource({ folder: join(folder, 'main.js') }), 'IMAGE_STORE_SOURCE_EMPTY');
    rmSync(folder, { recursive: true });
    await expectCode(readGitSource({ folder }), 'IMAGE_STORE_SOURCE_EMPTY');
  });

  it('has a submodule, committed or not', async () => {
    const { git, folder, root } = serviceRepository();
    const inner = serviceRepository();
    git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'services/api/inner');
    await expectCode(readGitSource({ folder }), 'IMAGE_STORE_SOURCE_UNSUPPORTED');
    git('commit', '--quiet', '--message', 'a submodule');
    await expectCode(readGitSource({ folder, ref: 'HEAD' }), 'IMAGE_STORE_SOURCE_UNSUPPORTED');
    await expect(readGitSource({ folder: join(root, 'services', 'web'), ref: 'HEAD' })).resolves.toBeDefined();
  });

  it('has a file whose name is no text', async () => {
    const { root, commit, folder } = serviceRepository();
    writeFileSync(Buffer.concat([Buffer.from(`${root}/services/api/caf`), Buffer.of(0xe9)]), 'latin-1');
    commit();
    await expectCode(readGitSource({ folder, ref: 'HEAD' }), 'IMAGE_STORE_SOURCE_UNSUPPORTED');
  });

  it('needs a git that is installed', async () => {
    const { folder } = serviceRepository();
    vi.stubEnv('PATH', '/nonexistent');
    await expectCode(readGitSource({ folder }), 'IMAGE_STORE_GIT_FAILED');
  });

  it('is given up with the reason of the caller', async () => {
    const { folder } = serviceRepository();
    const controller = new AbortController();
    const reading = readGitSource({ folder, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
