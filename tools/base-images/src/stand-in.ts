import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { ArchiveCache } from './archive-cache.ts';
import { pack, packImage } from './image-archive.ts';
import { putNodeFiles } from './node-files.ts';
import type { DebianRecipe, ImageRecipe } from './recipes.ts';
import { requireMeans, thisMachine } from './requirements.ts';
import { runContained, runProgram } from './run-program.ts';

interface MakeOptions {
  /** Held by the caller. */
  readonly cache: ArchiveCache;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Makes an image of Debian's packages and keeps it in the cache; the path of the archive. */
export async function makeStandIn(recipe: ImageRecipe, options: MakeOptions): Promise<string> {
  const { cache, say, signal } = options;
  requireMeans(thisMachine());
  const debian = (await cache.find(recipe.debian)) ?? (await makeDebian(recipe.debian, options));

  say(`adding ${recipe.name} to Debian ${recipe.debian.suite} …`);
  await using work = await cache.workFolder();
  const root = join(work.path, 'root');
  await mkdir(root);
  await runProgram(['tar', '--extract', '--file', debian, '--numeric-owner', '-C', root], { signal });
  if (recipe.nodeFiles !== undefined) await putNodeFiles(join(root, 'tmp'), recipe.nodeFiles, { signal });
  // That of the machine on which Debian was unpacked may have become another.
  await copyFile('/etc/resolv.conf', join(root, 'etc', 'resolv.conf'));
  await runInside(root, recipe.script, signal);
  const archive = await packImage({ root, config: recipe.config, folder: work.path }, { signal });
  return await cache.keep(recipe, archive);
}

/** The root file system that the images have in common. */
async function makeDebian(recipe: DebianRecipe, { cache, say, signal }: MakeOptions): Promise<string> {
  const { suite, packages, script } = recipe;
  say(`unpacking and configuring Debian ${suite}, which takes less than a minute …`);
  await using work = await cache.workFolder();
  const root = join(work.path, 'root');
  const include = `--include=${packages.join(',')}`;
  await runContained(['debootstrap', '--force-check-gpg', '--variant=minbase', include, suite, root], { signal });
  await runInside(root, script, signal);
  const archive = join(work.path, 'debian.tar');
  await pack(root, archive, ['.'], { signal });
  return await cache.keep(recipe, archive);
}

async function runInside(root: string, script: string, signal: AbortSignal | undefined): Promise<void> {
  await runContained(['chroot', root, 'sh', '-ec', script], { signal });
}
