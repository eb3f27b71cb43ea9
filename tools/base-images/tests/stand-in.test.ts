import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { poll, systemClock } from '@maestro/core';

import { ArchiveCache } from '../src/archive-cache.ts';
import { pack } from '../src/image-archive.ts';
import { fetchNode, nodeVersion } from '../src/node-files.ts';
import { recipeOf } from '../src/recipes.ts';
import { thisMachine } from '../src/requirements.ts';
import { runProgram } from '../src/run-program.ts';
import { makeStandIn } from '../src/stand-in.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { platform, isRoot, hasDebootstrap } = thisMachine();
const recipe = recipeOf('nginx');

describe.runIf(platform === 'linux-x64' && isRoot && hasDebootstrap)('making a stand-in', { timeout: 60_000 }, () => {
  it('leaves neither files nor processes behind when it is aborted', async () => {
    const folder = await temporaryFolder();
    const reason = new Error('enough');
    const abort = new AbortController();
    const making = makeStandIn(recipe, { cache: new ArchiveCache(folder), say: () => undefined, signal: abort.signal });
    const { accepted } = await poll({
      probe: () => commandsNaming(folder),
      accept: (commands) => commands.some((command) => command.includes('/usr/sbin/debootstrap')),
      intervalMs: 20,
      deadlineMs: 20_000,
      clock: systemClock,
    });
    expect(accepted).toBe(true);
    abort.abort(reason);
    await expect(making).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
    expect(await commandsNaming(folder)).toEqual([]);
  });

  it('keeps nothing of an image that could not be finished', async () => {
    const folder = await temporaryFolder();
    const cache = new ArchiveCache(folder);
    const debian = await cache.keep(recipe.debian, await debianWithoutPrograms());
    const making = makeStandIn(recipe, { cache, say: () => undefined });
    await expect(making).rejects.toMatchObject({
      code: 'BASE_IMAGE_BUILD_FAILED',
      message: expect.stringMatching(/failed to run command .sh/) as string,
    });
    expect(await cache.find(recipe.debian)).toBe(debian);
    expect(await cache.find(recipe)).toBeUndefined();
    expect((await readdir(folder)).filter((name) => !name.startsWith('debian-'))).toEqual([]);
  });

  it('gets Node from the npm registry where this project has none installed', async () => {
    const folder = await temporaryFolder();
    await fetchNode(folder, nodeVersion(), {});
    expect(await runProgram([join(folder, 'node'), '--version'], {})).toBe(`v${nodeVersion()}\n`);
  });
});

/** A root file system that can be unpacked, and in which nothing can be run. */
async function debianWithoutPrograms(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'root', 'etc'), { recursive: true });
  const archive = join(folder, 'debian.tar');
  await pack(join(folder, 'root'), archive, ['.'], {});
  return archive;
}

async function commandsNaming(text: string): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(text));
}
