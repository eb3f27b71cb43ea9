import { MaestroError } from '@maestro/core';

import { unreachable } from './errors.ts';
import { installPackages } from './install.ts';
import { canInstall, findPrograms, isExecutable } from './machine.ts';
import type { Part, ProgramPaths } from './part.ts';
import type { StateFolder } from './state-folder.ts';

export interface EnsureProgramsOptions {
  readonly state: StateFolder;
  /** Told about an installation. */
  readonly say: (line: string) => void;
}

/** The programs of a part, installed where that may be done unasked; undefined where they cannot be had. */
export async function ensurePrograms(
  part: Part,
  { state, say }: EnsureProgramsOptions,
): Promise<ProgramPaths | undefined> {
  const found = findProgramsOf(part);
  if (found !== undefined || !isInstallable(part)) return found;
  await installMissing([part], { state, say });
  const installed = findProgramsOf(part);
  if (installed !== undefined) return installed;
  const names = part.programs.map(({ name }) => name).join(', ');
  throw new MaestroError(
    'PART_INSTALL_FAILED',
    `${part.debianPackages.join(', ')} were installed, but ${names} were not found afterwards`,
    { hint: `set ${part.variable}`, details: { part: part.name } },
  );
}

/** The programs of a part that are on this machine, the one that its variable names before others. */
export function findProgramsOf(part: Part): ProgramPaths | undefined {
  const named = part.kind === 'own' ? process.env[part.variable] : undefined;
  if (named === undefined) return findPrograms(part.programs);
  if (!isExecutable(named)) throw unreachable(part.name, part.variable, `${named} is no program`);
  const [first, ...others] = part.programs;
  const paths = findPrograms(others);
  return first === undefined || paths === undefined ? undefined : { ...paths, [first.name]: named };
}

export function isInstallable(part: Part): boolean {
  return part.debianPackages.length > 0 && canInstall();
}

/** Installs the programs of all these parts that are missing, in one go. */
export async function installMissing(parts: readonly Part[], { state, say }: EnsureProgramsOptions): Promise<void> {
  const missing = parts.filter((part) => findProgramsOf(part) === undefined && isInstallable(part));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap(({ debianPackages }) => debianPackages))];
  await installPackages({ packages, lock: state.lock('install'), say });
}
