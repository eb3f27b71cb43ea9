import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { packTar, unpackTar } from './tar-archive.ts';

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const names = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$/);
const contents = fc.uint8Array({ maxLength: 2000 });

it('gives back every file as it was', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(names, contents), { selector: ([name]) => name }), (files) => {
      const entries = files.map(([path, content]) => ({ type: 'file', path, mode: 0o440, content }) as const);
      const found = unpackTar(packTar(entries, owner));
      expect([...(found ?? [])].map(([path, content]) => [path, Buffer.from(content)])).toEqual(
        files.map(([path, content]) => [path, Buffer.from(content)]),
      );
    }),
  );
});

it('packs what tar unpacks, in its order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-tar-'));
  const content = Buffer.from('a\0b', 'latin1');
  const archive = packTar(
    [
      { type: 'folder', path: 'v1', mode: 0o750 },
      { type: 'file', path: 'v1/A', mode: 0o440, content },
      { type: 'link', path: 'A', target: 'v1/A' },
    ],
    owner,
  );
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  expect(await readlink(join(folder, 'A'))).toBe('v1/A');
  expect(await readFile(join(folder, 'A'))).toEqual(content);
  expect((await stat(join(folder, 'v1/A'))).mode & 0o777).toBe(0o440);
  expect(await readdir(folder)).toEqual(['A', 'v1']);
});

it('reads what tar packs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-tar-'));
  const path = 'v1/'.padEnd(90, 'x');
  const packed = packTar([{ type: 'file', path, mode: 0o644, content: Buffer.from('text') }], owner);
  execFileSync('tar', ['--extract', '--directory', folder], { input: packed });
  for (const format of ['ustar', 'pax', 'gnu']) {
    const archive = execFileSync('tar', ['--create', `--format=${format}`, '--directory', folder, 'v1']);
    expect(unpackTar(archive)?.get(path)?.toString()).toBe(Buffer.from('text').toString());
  }
});

it('takes an archive that breaks off anywhere for none', () => {
  const archive = packTar([{ type: 'file', path: 'A', mode: 0o440, content: Buffer.alloc(700, 'x') }], owner);
  for (const length of [0, 100, 512, 1000, 1212, 1500]) expect(unpackTar(archive.subarray(0, length))).toBeUndefined();
  expect(unpackTar(Buffer.alloc(2048, 'x'))).toBeUndefined();
});

it('refuses what its format cannot hold', () => {
  const content = new Uint8Array();
  expect(() => packTar([{ type: 'file', path: 'x'.repeat(101), mode: 0o440, content }], owner)).toThrow(RangeError);
  expect(() => packTar([{ type: 'file', path: 'x', mode: 0o440, content }], { uid: 2 ** 21, gid: 0 })).toThrow(
    RangeError,
  );
});
