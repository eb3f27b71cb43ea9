import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isMaestroError, systemClock } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { packContext } from '../../src/build/pack-context.ts';
import { type ContextFile, identifyFiles } from '../../src/source/context-files.ts';
import { readGitSnapshot } from '../../src/source/git-snapshot.ts';
import { gitRepository, serviceRepository } from './git-fixture.ts';

const signal = undefined;

async function identified(root: string, folder: string, ref?: string) {
  const snapshot = await readGitSnapshot({ root, ref, folders: [folder], files: [], signal });
  const all = await identifyFiles(snapshot.list(folder), { revision: snapshot.revision, signal });
  return {
    snapshot,
    files: all.flatMap(({ file }) => file ?? []),
    differing: all.flatMap(({ path, differs }) => (differs ? [path] : [])),
  };
}

async function packed(root: string, files: readonly ContextFile[], additions: { path: string; text: string }[] = []) {
  const options = { files, additions, modifiedAt: '2026-03-04T03:06:07.000Z', root, clock: systemClock, signal };
  const chunks: Uint8Array[] = [];
  for await (const chunk of packContext(options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const tar = (archive: Buffer, ...options: readonly string[]) =>
  execFileSync('tar', [...options], {
    input: archive,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', TAR_OPTIONS: '--quoting-style=literal' },
  });

describe('the files of a context', () => {
  it('are named as git names them, also those of no commit', async () => {
    const { root, write, git, folder } = serviceRepository();
    write('services/api/main.js', 'two');
    write('services/api/neu ü.js', 'new\r\n');
    write('services/api/run.sh', '#!/bin/sh\n', 0o755);
    symlinkSync('main.js', join(folder, 'link'));
    const working = await identified(root, 'services/api');
    expect(working.differing).toEqual(['link', 'main.js', 'neu ü.js', 'run.sh']);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'all of it');
    const committed = await identified(root, 'services/api', 'HEAD');
    const identity = ({ path, mode, object }: ContextFile) => ({ path, mode, object });
    expect(working.files.map(identity)).toEqual(committed.files.map(identity));
    expect(git('rev-parse', 'HEAD:services/api/neu ü.js')).toBe(committed.files[2]?.object);
    expect(await packed(root, working.files)).toEqual(await packed(root, committed.files));
  });

  it('do not differ where only the index says so', async () => {
    const { root, write, git } = serviceRepository();
    write('services/api/main.js', 'two');
    git('add', '--all');
    write('services/api/main.js', 'one');
    expect((await identified(root, 'services/api')).differing).toEqual([]);
  });

  it('differ when they are deleted, changed in mode, renamed or in conflict', async () => {
    const { root, write, commit, git, folder } = serviceRepository();
    for (const name of ['a', 'b', 'c', 'd', 'e']) write(`services/api/${name}`, name);
    commit();
    git('checkout', '--quiet', '-b', 'other');
    write('services/api/e', 'theirs');
    commit();
    git('checkout', '--quiet', 'main');
    write('services/api/e', 'ours');
    commit();
    expect(() => git('merge', 'other')).toThrow();
    rmSync(join(folder, 'a'));
    git('rm', '--quiet', 'services/api/b');
    chmodSync(join(folder, 'c'), 0o755);
    git('mv', 'services/api/d', 'services/api/z');
    const { differing, files } = await identified(root, 'services/api');
    expect(differing).toEqual(['a', 'b', 'c', 'd', 'e', 'z']);
    expect(files.map(({ path }) => path)).toEqual(['c', 'e', 'main.js', 'z']);
  });

  it('are the whole repository where that is the context', async () => {
    const { root, write } = serviceRepository();
    write('new.txt', 'x');
    const { files } = await identified(root, '');
    expect(files.map(({ path }) => path)).toEqual(['new.txt', 'services/api/main.js', 'services/web/index.html']);
  });

  it('are refused where they are those of another repository, unless nobody asks for them', async () => {
    const { root, git } = serviceRepository();
    const inner = serviceRepository();
    git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'services/api/inner');
    await expect(identified(root, 'services/api')).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_SOURCE_UNSUPPORTED'),
    );
    git('commit', '--quiet', '--message', 'a submodule');
    const snapshot = await readGitSnapshot({ root, ref: 'HEAD', folders: ['services/api'], files: [], signal });
    const others = snapshot.list('services/api').filter(({ path }) => path !== 'inner');
    const { revision } = snapshot;
    expect((await identifyFiles(others, { revision, signal })).map(({ path }) => path)).toEqual(['main.js']);
    await expect(identifyFiles(snapshot.list('services/api'), { revision, signal })).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_SOURCE_UNSUPPORTED'),
    );
  });
});

describe('the archive of a context', () => {
  it('is read by tar: sorted, of nobody, with the modes of git', async () => {
    const { root, write, commit, folder } = gitRepositoryWith();
    write('api/run.sh', '#!/bin/sh\n', 0o755);
    write('api/empty', '');
    write(`api/${'long/'.repeat(40)}ü`, 'deep');
    symlinkSync('run.sh', join(folder, 'link'));
    commit();
    const { files } = await identified(root, 'api');
    const archive = await packed(root, files, [{ path: '.maestro.Dockerfile', text: 'FROM scratch\n' }]);
    const lines = tar(archive, '--list', '--verbose', '--numeric-owner', '--full-time').trim().split('\n');
    expect(lines.slice(0, 4)).toEqual([
      expect.stringMatching(/^-rw-r--r-- 0\/0 +13 2026-03-04 03:06:07 \.maestro\.Dockerfile$/),
      expect.stringMatching(/^-rw-r--r-- 0\/0 +0 2026-03-04 03:06:07 empty$/),
      expect.stringMatching(/^lrwxrwxrwx 0\/0 +0 2026-03-04 03:06:07 link -> run\.sh$/),
      expect.stringMatching(/^drwxr-xr-x 0\/0 +0 2026-03-04 03:06:07 long\/$/),
    ]);
    expect(lines.at(-1)).toMatch(/^-rwxr-xr-x 0\/0 +10 2026-03-04 03:06:07 run\.sh$/);
    expect(tar(archive, '--extract', '--to-stdout', `${'long/'.repeat(40)}ü`)).toBe('deep');
  });

  it('never has more than a few chunks of a large file in memory', async () => {
    const { root, folder, commit, git } = gitRepositoryWith();
    writeFileSync(join(folder, 'large'), '');
    truncateSync(join(folder, 'large'), 300 * 1024 * 1024);
    git('config', 'core.bigFileThreshold', '1m');
    git('config', 'core.looseCompression', '1');
    for (const ref of [undefined, 'HEAD']) {
      if (ref !== undefined) commit();
      const { files } = await identified(root, 'api', ref);
      const options = {
        files,
        additions: [],
        modifiedAt: '2026-03-04T03:06:07.000Z',
        root,
        clock: systemClock,
        signal,
      };
      let bytes = 0;
      let held = 0;
      const before = process.memoryUsage().arrayBuffers;
      for await (const chunk of packContext(options)) {
        bytes += chunk.byteLength;
        // Whoever reads slowly lets the others run meanwhile.
        if (bytes % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
        held = Math.max(held, process.memoryUsage().arrayBuffers - before);
      }
      expect(bytes).toBeGreaterThan(300 * 1024 * 1024);
      expect(held).toBeLessThan(100 * 1024 * 1024);
    }
  });

  it('ends with an error where a file is not what it was', async () => {
    const { root, folder, write } = gitRepositoryWith();
    for (const changed of ['longer than before', 'b', 'other', undefined]) {
      write('api/changing', 'bytes');
      const { files } = await identified(root, 'api');
      if (changed === undefined) rmSync(join(folder, 'changing'));
      else write('api/changing', changed);
      await expect(packed(root, files)).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_DIRTY'));
    }
  });

  it('ends with an error where git has lost an object', async () => {
    const { root, write, commit } = gitRepositoryWith();
    write('api/lost', 'lost');
    commit();
    const { files } = await identified(root, 'api', 'HEAD');
    const object = files.find(({ path }) => path === 'lost')?.object ?? '';
    rmSync(join(root, '.git', 'objects', object.slice(0, 2), object.slice(2)));
    await expect(packed(root, files)).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_GIT_FAILED'));
  });

  it('leaves no git behind when nobody reads on', async () => {
    const { root, write, commit } = gitRepositoryWith();
    write('api/large', 'x'.repeat(5_000_000));
    commit();
    const { files } = await identified(root, 'api', 'HEAD');
    const options = { files, additions: [], modifiedAt: '2026-03-04T03:06:07.000Z', root, clock: systemClock, signal };
    for await (const chunk of packContext(options)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    const children = execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    expect(children).not.toContain('cat-file');
  });
});

/** A repository with the folder `api`, its one file committed. */
function gitRepositoryWith() {
  const repository = gitRepository();
  const folder = join(repository.root, 'api');
  mkdirSync(folder);
  repository.write('api/run.sh', 'x', 0o755);
  repository.commit();
  return { ...repository, folder };
}
