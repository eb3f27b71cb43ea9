import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { createFileDurably, replaceSymlink, writeFileDurably } from './durable-file.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'maestro-core-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it('replaces a file and leaves nothing else behind', async () => {
  const path = join(await folder(), 'deep', 'state.json');
  await writeFileDurably(path, 'one');
  await writeFileDurably(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(path, '..'))).toEqual(['state.json']);
});

it('lets exactly one of many racing creators win', async () => {
  const path = join(await folder(), 'token-1');
  const won = await Promise.all(Array.from({ length: 20 }, (_, i) => createFileDurably(path, `holder ${i}`)));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toBe(`holder ${won.indexOf(true)}`);
  expect(await readdir(join(path, '..'))).toEqual(['token-1']);
});

it('reports other failures of creating as they are', async () => {
  const file = join(await folder(), 'file');
  await writeFile(file, '');
  await expect(createFileDurably(join(file, 'below-a-file'), '')).rejects.toThrow(/ENOTDIR|EEXIST/);
});

it('points a link elsewhere, whether or not it existed', async () => {
  const link = join(await folder(), 'live');
  replaceSymlink(link, 'generations/1');
  replaceSymlink(link, 'generations/2');
  expect(await readlink(link)).toBe('generations/2');
});
