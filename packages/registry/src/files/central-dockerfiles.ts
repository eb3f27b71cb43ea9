import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Problem } from '../checks/problem.ts';
import { noneNamed } from '../errors.ts';
import { type FilePath, filePathsIn } from '../plan/file-paths.ts';
import { isFile } from './find-config.ts';

const prefix = 'central:';

/** What a Dockerfile is named by where it is a central one. */
export function centralName({ kind, value }: FilePath): string | undefined {
  return kind === 'dockerfile' && value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
}

/** Where the Dockerfile of this name is. */
export function centralDockerfile(folder: string, name: string): string {
  return join(folder, name, 'Dockerfile');
}

/** Names of central Dockerfiles that there are none of; `folderOf` tells where they should be, an absolute path. */
export async function centralProblems(
  registry: unknown,
  folderOf: (found: FilePath) => string | undefined,
): Promise<readonly Problem[]> {
  const listed = new Map<string, readonly string[] | undefined>();
  const problems: Problem[] = [];
  for (const found of filePathsIn(registry)) {
    const name = centralName(found);
    if (name === undefined) continue;
    const folder = folderOf(found);
    if (folder !== undefined && !listed.has(folder)) listed.set(folder, await namesIn(folder));
    const names = folder === undefined ? undefined : listed.get(folder);
    if (names?.includes(name) !== true) problems.push({ path: found.path, message: missing(name, folder, names) });
  }
  return problems;
}

function missing(name: string, folder: string | undefined, names: readonly string[] | undefined): string {
  if (folder === undefined) {
    return `expected dockerfiles at the top of the registry: the folder that ${name}/Dockerfile is in`;
  }
  if (names === undefined) return `there is no folder ${folder}, which dockerfiles names`;
  return `${noneNamed('Dockerfile', name, names)} (in ${folder})`;
}

/** Undefined where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    const names = (await readdir(folder)).sort();
    const found = await Promise.all(names.map((name) => isFile(centralDockerfile(folder, name))));
    return names.filter((_, index) => found[index]);
  } catch {
    return undefined;
  }
}
