import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { ArchiveCache, keyOf } from './archive-cache.ts';

const recipe = { name: 'node', script: 'true' };

async function emptyCache(): Promise<{ readonly cache: ArchiveCache; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-base-images-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { cache: new ArchiveCache(folder), folder };
}

async function keep(cache: ArchiveCache, kept: typeof recipe, contents = 'an archive'): Promise<string> {
  await using work = await cache.workFolder();
  const finished = join(work.path, 'finished');
  await writeFile(finished, contents);
  return await cache.keep(kept, finished);
}

it('finds what it keeps, under a name that says which recipe made it', async () => {
  const { cache, folder } = await emptyCache();
  const archive = await keep(cache, recipe);
  expect(archive).toBe(join(folder, `node-${keyOf(recipe)}.tar`));
  expect(await cache.find(recipe)).toBe(archive);
  expect(await cache.find({ ...recipe, script: 'false' })).toBeUndefined();
});

it('does not find an archive that was cut off, changed, or never finished', async () => {
  const { cache } = await emptyCache();
  const archive = await keep(cache, recipe);
  await truncate(archive, 5);
  expect(await cache.find(recipe)).toBeUndefined();
  await writeFile(archive, 'an ARCHIVE');
  expect(await cache.find(recipe)).toBeUndefined();
  await writeFile(archive, 'an archive');
  expect(await cache.find(recipe)).toBe(archive);
  await rm(`${archive}.sha256`);
  expect(await cache.find(recipe)).toBeUndefined();
});

it("deletes what older recipes of the same image made, and nobody else's", async () => {
  const { cache, folder } = await emptyCache();
  const debian = await keep(cache, { name: 'debian', script: 'true' });
  const older = await keep(cache, { ...recipe, script: 'older' });
  const newer = await keep(cache, recipe, 'a newer archive');
  expect(existsSync(older)).toBe(false);
  const names = [debian, newer].map((archive) => archive.slice(folder.length + 1));
  expect((await readdir(folder)).sort()).toEqual(names.flatMap((name) => [name, `${name}.sha256`]).sort());
});

it('removes the folder that a killed process was working in', async () => {
  const { cache, folder } = await emptyCache();
  await mkdir(join(folder, 'making-abcdef', 'root'), { recursive: true });
  {
    await using work = await cache.workFolder();
    expect(existsSync(work.path)).toBe(true);
    expect(existsSync(join(folder, 'making-abcdef'))).toBe(false);
  }
  expect(await readdir(folder)).toEqual([]);
});

it('is held by one at a time; the next waits until it is let go', async () => {
  const { cache, folder } = await emptyCache();
  const events: string[] = [];
  const first = await cache.hold();
  const second = new ArchiveCache(folder).hold().then((hold) => {
    events.push('second has it');
    return hold;
  });
  await keep(cache, recipe);
  events.push('first lets go');
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  expect(events).toEqual(['first lets go', 'second has it']);
});

it('stops waiting for its turn when aborted', async () => {
  const { cache } = await emptyCache();
  using _ = await cache.hold();
  const reason = new Error('enough');
  const abort = new AbortController();
  const waiting = cache.hold(abort.signal);
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
