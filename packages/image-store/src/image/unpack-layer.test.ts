import { mkdir, mkdtemp, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';

import type { SourceFile } from '../source/image-source.ts';
import { collectBytes } from './collect-bytes.ts';
import { packLayer } from './pack-layer.ts';
import { removeLeftovers, unpackLayer } from './unpack-layer.ts';

const digest = `sha256:${'1'.repeat(64)}`;
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'maestro-unpack-'));

type Entry = Partial<Header> & { readonly name: string; readonly contents?: string };

function archiveOf(entries: readonly Entry[]): Promise<Uint8Array> {
  const archive = pack();
  for (const { contents = '', ...header } of entries) {
    if (header.type === undefined || header.type === 'file') archive.entry(header, contents);
    else archive.entry(header);
  }
  archive.finalize();
  return collectBytes(archive);
}

describe('unpackLayer', () => {
  it('writes files, executables, links and names of any length and script', async () => {
    const long = `${'long-folder-name/'.repeat(12)}file`;
    const files: SourceFile[] = [
      { path: 'ordinary', mode: 0o644, contents: Buffer.from([0, 255, 10, 13]) },
      { path: 'bin/run', mode: 0o755, contents: Buffer.from('#!') },
      { path: 'current', mode: 'symlink', contents: Buffer.from('bin/run') },
      { path: 'bin/up', mode: 'symlink', contents: Buffer.from('../ordinary') },
      { path: 'späce und 日本', mode: 0o644, contents: Buffer.from('text') },
      { path: long, mode: 0o644, contents: Buffer.from('deep') },
      { path: 'empty', mode: 0o644, contents: new Uint8Array() },
    ];
    const folder = join(await temporaryFolder(), 'image');
    const mask = process.umask(0o077);
    try {
      await unpackLayer({ folder, digest, layer: await packLayer(files, '2026-01-01T00:00:00Z') });
    } finally {
      process.umask(mask);
    }
    expect(await readFile(join(folder, 'ordinary'))).toEqual(Buffer.from([0, 255, 10, 13]));
    expect(await readFile(join(folder, long), 'utf8')).toBe('deep');
    expect(await readFile(join(folder, 'späce und 日本'), 'utf8')).toBe('text');
    expect((await stat(join(folder, 'empty'))).size).toBe(0);
    expect(await readlink(join(folder, 'current'))).toBe('bin/run');
    expect(await readFile(join(folder, 'bin', 'up'))).toHaveLength(4);
    const modes = await Promise.all(['ordinary', 'bin/run', 'bin', '.'].map((path) => stat(join(folder, path))));
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o644, 0o755, 0o755, 0o755]);
  });

  it.each<[string, Entry[]]>([
    ['a path upwards', [{ name: '../evil', contents: 'x' }]],
    [
      'a path upwards from within',
      [
        { name: 'a/', type: 'directory' },
        { name: 'a/../../evil', contents: 'x' },
      ],
    ],
    ['an absolute path', [{ name: '/tmp/evil', contents: 'x' }]],
    ['a link to an absolute path', [{ name: 'link', type: 'symlink', linkname: '/etc' }]],
    ['a link upwards', [{ name: 'link', type: 'symlink', linkname: '../outside' }]],
    [
      'a link that goes up through another one',
      [
        { name: 'a/', type: 'directory' },
        { name: 'a/b/', type: 'directory' },
        { name: 'a/b/top', type: 'symlink', linkname: '../..' },
        { name: 'out', type: 'symlink', linkname: 'a/b/top/../evil' },
      ],
    ],
    [
      'a file below a link',
      [
        { name: 'inside/', type: 'directory' },
        { name: 'link', type: 'symlink', linkname: 'inside' },
        { name: 'link/evil', contents: 'x' },
      ],
    ],
    [
      'two files of one name',
      [
        { name: 'a', contents: '1' },
        { name: 'a', contents: '2' },
      ],
    ],
    ['a hard link', [{ name: 'a', type: 'link', linkname: '/etc/passwd' }]],
    ['a device', [{ name: 'null', type: 'character-device' }]],
    ['a file that forges the mark of an unpacked image', [{ name: '.maestro-image', contents: digest }]],
  ])('refuses %s, and writes nothing at all', async (_, entries) => {
    const above = await temporaryFolder();
    const layer = await archiveOf([{ name: 'harmless', contents: 'x' }, ...entries]);
    await expect(unpackLayer({ folder: join(above, 'image'), digest, layer })).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_UNSAFE_IMAGE'),
    );
    expect(await readdir(above)).toEqual([]);
  });

  it('refuses a layer that is cut off, or none at all', async () => {
    const above = await temporaryFolder();
    const layer = await archiveOf([{ name: 'file', contents: 'x'.repeat(2000) }]);
    for (const broken of [layer.subarray(0, 1000), Buffer.alloc(2048, 'x')]) {
      await expect(unpackLayer({ folder: join(above, 'image'), digest, layer: broken })).rejects.toSatisfy((error) =>
        isMaestroError(error, 'IMAGE_STORE_UNSAFE_IMAGE'),
      );
    }
    expect(await readdir(above)).toEqual([]);
  });

  it('keeps no mode that git does not know, such as set-user-id', async () => {
    const folder = join(await temporaryFolder(), 'image');
    await unpackLayer({ folder, digest, layer: await archiveOf([{ name: 'su', mode: 0o4777, contents: 'x' }]) });
    expect((await stat(join(folder, 'su'))).mode & 0o7777).toBe(0o755);
  });

  it('leaves nothing behind when the caller gives up', async () => {
    const above = await temporaryFolder();
    const layer = await archiveOf([{ name: 'file', contents: 'x' }]);
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(unpackLayer({ folder: join(above, 'image'), digest, layer, signal })).rejects.toThrow('given up');
    expect(await readdir(above)).toEqual([]);
  });
});

describe('removeLeftovers', () => {
  it('removes what was half unpacked for this folder, and nothing for its neighbours', async () => {
    const above = await temporaryFolder();
    const [own, neighbour] = ['.api.0123456789ab.tmp', '.api.v2.0123456789ab.tmp'];
    for (const name of [own, neighbour, 'api']) await mkdir(join(above, name));
    await removeLeftovers(join(above, 'api'));
    expect((await readdir(above)).sort()).toEqual([neighbour, 'api']);
  });
});
