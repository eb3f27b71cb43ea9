import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readGitSource } from '../../src/index.ts';
import { contentsOf, serviceRepository } from './git-fixture.ts';

describe('the files of a commit', () => {
  it('are those of the folder alone, with the commit they belong to', async () => {
    const { folder, revision } = serviceRepository();
    const source = await readGitSource({ folder, ref: 'main' });
    expect(source).toMatchObject({ revision, shortRevision: revision.slice(0, 7), dirty: false });
    expect(source.committedAt).toBe('2026-03-04T03:06:07.000Z');
    expect(contentsOf(source)).toEqual({ 'main.js': 'one' });
  });

  it('keep their bytes, names, executable bits and links', async () => {
    const { root, write, commit, folder } = serviceRepository();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    write('services/api/binary blob', bytes);
    write('services/api/naïve/日本 "quoted"\nline', 'text');
    write('services/api/run.sh', '#!', 0o755);
    write('services/api/empty', '');
    symlinkSync('run.sh', join(root, 'services/api/link'));
    commit();
    const { files } = await readGitSource({ folder, ref: 'HEAD' });
    const found = Object.fromEntries(files.map(({ path, mode, contents }) => [path, { mode, contents }]));
    expect(files.map(({ path }) => path)).toEqual([
      'binary blob',
      'empty',
      'link',
      'main.js',
      'naïve/日本 "quoted"\nline',
      'run.sh',
    ]);
    expect(Buffer.compare(found['binary blob']?.contents ?? Buffer.of(), bytes)).toBe(0);
    expect(found['run.sh']?.mode).toBe(0o755);
    expect(found['main.js']?.mode).toBe(0o644);
    expect(found.link).toEqual({ mode: 'symlink', contents: Buffer.from('run.sh') });
    expect(found.empty?.contents).toHaveLength(0);
  });

  it('do not depend on the working tree, and outlive the folder there', async () => {
    const { root, write, commit, folder, revision } = serviceRepository();
    write('services/api/main.js', 'two');
    commit();
    write('services/api/main.js', 'not committed');
    expect(contentsOf(await readGitSource({ folder, ref: 'HEAD' }))).toEqual({ 'main.js': 'two' });
    rmSync(join(root, 'services'), { recursive: true });
    const source = await readGitSource({ folder, ref: revision.slice(0, 10) });
    expect(contentsOf(source)).toEqual({ 'main.js': 'one' });
    expect(source.dirty).toBe(false);
  });

  it('are found for the root of the repository, and in folders whose names look like patterns', async () => {
    const { root, write, commit } = serviceRepository();
    write('services/[a-z]*/main.js', 'pattern');
    commit();
    const all = Object.keys(contentsOf(await readGitSource({ folder: root, ref: 'HEAD' })));
    expect(all).toEqual(['services/[a-z]*/main.js', 'services/api/main.js', 'services/web/index.html']);
    const pattern = await readGitSource({ folder: join(root, 'services', '[a-z]*') });
    expect(contentsOf(pattern)).toEqual({ 'main.js': 'pattern' });
    expect(pattern.dirty).toBe(false);
    await expect(readGitSource({ folder: join(root, 'services', ':(x)y') })).rejects.toThrow('holds no file');
  });

  it('are more than a pipe holds at once', async () => {
    const { write, commit, folder } = serviceRepository();
    for (let i = 0; i < 300; i += 1) write(`services/api/part-${i}`, `${i}`.repeat(5000));
    commit();
    const { files } = await readGitSource({ folder, ref: 'HEAD' });
    expect(files).toHaveLength(301);
    expect(files.filter(({ path, contents }) => path !== 'main.js' && contents.byteLength < 5000)).toEqual([]);
  });
});

describe('the files of the working tree', () => {
  it('are those of HEAD while nothing differs inside the folder', async () => {
    const { write, folder, revision } = serviceRepository();
    write('services/web/index.html', 'changed elsewhere');
    write('services/new/main.js', 'untracked elsewhere');
    const source = await readGitSource({ folder });
    expect(source).toMatchObject({ revision, dirty: false });
  });

  it.each<[string, (repository: ReturnType<typeof serviceRepository>) => void, Record<string, string>]>([
    [
      'a change',
      ({ write }) => {
        write('services/api/main.js', 'two');
      },
      { 'main.js': 'two' },
    ],
    [
      'a staged change',
      ({ write, git }) => {
        write('services/api/main.js', 'two');
        git('add', '--all');
      },
      { 'main.js': 'two' },
    ],
    [
      'a new file',
      ({ write }) => {
        write('services/api/b/new.js', 'new');
      },
      { 'b/new.js': 'new', 'main.js': 'one' },
    ],
    [
      'a deletion',
      ({ write, folder }) => {
        write('services/api/b.js', 'b');
        rmSync(join(folder, 'main.js'));
      },
      { 'b.js': 'b' },
    ],
    [
      'a folder in the place of a file',
      ({ write, folder }) => {
        rmSync(join(folder, 'main.js'));
        write('services/api/main.js/inner.js', 'inner');
      },
      { 'main.js/inner.js': 'inner' },
    ],
  ])('are dirty with %s', async (_, change, expected) => {
    const repository = serviceRepository();
    change(repository);
    const source = await readGitSource({ folder: repository.folder });
    expect(source).toMatchObject({ revision: repository.revision, dirty: true });
    expect(contentsOf(source)).toEqual(expected);
  });

  it('are dirty with a permission that changed', async () => {
    const { write, folder } = serviceRepository();
    write('services/api/main.js', 'one', 0o755);
    const source = await readGitSource({ folder });
    expect(source.dirty).toBe(true);
    expect(source.files[0]?.mode).toBe(0o755);
  });

  it('are clean where the index differs but the files do not', async () => {
    const { write, git, folder } = serviceRepository();
    write('services/api/main.js', 'two');
    git('add', '--all');
    write('services/api/main.js', 'one');
    expect((await readGitSource({ folder })).dirty).toBe(false);
  });

  it('leave out what the repository ignores, wherever it says so', async () => {
    const { write, commit, folder } = serviceRepository();
    write('.gitignore', '*.log\n');
    write('services/api/.gitignore', 'cache/\n');
    commit();
    write('services/api/debug.log', 'noise');
    write('services/api/cache/entry', 'noise');
    expect((await readGitSource({ folder })).dirty).toBe(false);
    write('services/api/new.js', 'new');
    expect(Object.keys(contentsOf(await readGitSource({ folder })))).toEqual(['.gitignore', 'main.js', 'new.js']);
  });

  it('may be those of a service that was never committed', async () => {
    const { root, write } = serviceRepository();
    write('services/brand-new/main.js', 'new');
    const source = await readGitSource({ folder: join(root, 'services', 'brand-new') });
    expect(source.dirty).toBe(true);
    expect(contentsOf(source)).toEqual({ 'main.js': 'new' });
  });

  it('include what a sparse checkout leaves to the commit', async () => {
    const { git, write, commit, folder } = serviceRepository();
    write('services/api/big/data', 'data');
    commit();
    git('sparse-checkout', 'set', '--no-cone', '/*', '!/services/api/big');
    write('services/api/main.js', 'two');
    expect(contentsOf(await readGitSource({ folder }))).toEqual({ 'big/data': 'data', 'main.js': 'two' });
  });
});
