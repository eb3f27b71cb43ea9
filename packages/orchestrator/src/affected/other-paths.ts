import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

import type { GitChanges } from '@maestro/image-store';
import type { ResolvedEnvironment, ResolvedImage } from '@maestro/registry';

export interface OtherPaths {
  /** What git calls otherwise, because the registry means it by a symbolic link. */
  readonly changedFiles: readonly string[];
  /** What lies in no repository, or in another one. */
  readonly unknownFiles: readonly string[];
}

/** What services are made of and git does not know by the names that the registry has for it. */
export async function otherPaths(
  environment: ResolvedEnvironment,
  { root, files }: Pick<GitChanges, 'files' | 'root'>,
): Promise<OtherPaths> {
  const folder = await realpath(environment.root);
  const paths = [...new Set(pathsOf(environment))];
  const found = await Promise.all(
    paths.map(async (path): Promise<OtherPaths> => {
      const real = await realPath(path);
      if (real === undefined) return { changedFiles: [], unknownFiles: [] };
      if (!(await isIn(root, real))) return { changedFiles: [], unknownFiles: [path] };
      if (real === join(folder, relative(environment.root, path))) return { changedFiles: [], unknownFiles: [] };
      const changed = files.map((file) => join(folder, file)).filter((file) => isWithin(file, real));
      return { changedFiles: changed.map((file) => join(path, relative(real, file))), unknownFiles: [] };
    }),
  );
  return {
    changedFiles: found.flatMap(({ changedFiles }) => changedFiles),
    unknownFiles: found.flatMap(({ unknownFiles }) => unknownFiles),
  };
}

function pathsOf({ root, runtime, services, bases }: ResolvedEnvironment): readonly string[] {
  const imagePaths = ({ contextFolder, dockerfile }: ResolvedImage) => [contextFolder, dockerfile];
  return [
    ...services.flatMap(({ contextFolder, sharedPaths, image }) => [
      contextFolder,
      ...sharedPaths.map((path) => resolve(root, path)),
      ...(image === null || runtime !== 'docker' ? [] : imagePaths(image)),
    ]),
    ...(runtime === 'docker' ? bases.flatMap(imagePaths) : []),
  ];
}

/** Undefined for what is not there any more: git tells of it by the name it had. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}

/** Whether a path lies in the repository, and in none within that. */
async function isIn(root: string, path: string): Promise<boolean> {
  if (!isWithin(path, root)) return false;
  for (let folder = path; folder !== root; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return false;
  }
  return true;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
