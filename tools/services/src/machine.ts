import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { Program, ProgramPaths } from './part.ts';

/** Whether packages may be installed here without asking anybody. */
export function canInstall(): boolean {
  return (
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram({ name: 'apt-get' }) !== undefined
  );
}

/** The path of each program; undefined when one is missing. */
export function findPrograms(programs: readonly Program[]): ProgramPaths | undefined {
  const paths: Record<string, string> = {};
  for (const program of programs) {
    const path = findProgram(program);
    if (path === undefined) return undefined;
    paths[program.name] = path;
  }
  return paths;
}

function findProgram({ name, folders = [] }: Program): string | undefined {
  const ofDebian = folders.flatMap((folder) => globSync(folder).sort(byVersion).reverse());
  // Servers are in /usr/sbin, which is not on the PATH of every user.
  const path = (process.env.PATH ?? '').split(delimiter).concat('/usr/sbin', '/sbin');
  return [...ofDebian, ...path].map((folder) => join(folder, name)).find(isExecutable);
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
