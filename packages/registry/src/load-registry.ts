import { dirname } from 'node:path';

import { type Clock, systemClock } from '@maestro/core';

import { checkRegistry } from './checks/check-registry.ts';
import type { Problem } from './checks/problem.ts';
import { invalid } from './errors.ts';
import { centralProblems } from './files/central-dockerfiles.ts';
import { findConfig, namedConfig } from './files/find-config.ts';
import { localImports } from './files/local-imports.ts';
import { clashProblem, inFileOrder, type PlacedProblem, placed } from './files/placed-problems.ts';
import { readRegistryFiles, type RegistryFile } from './files/read-registry-files.ts';
import { RegistryOrigins } from './files/registry-origins.ts';
import type { TextOf } from './files/source.ts';
import { combine } from './plan/combine.ts';
import { withFilePaths } from './plan/file-paths.ts';
import type { Registry } from './registry-schema.ts';

export interface LoadRegistryOptions {
  /** Path of the registry file; by default `maestro.config.{ts,mts,js,mjs,json,yaml,yml}`, searched upwards from `cwd`. */
  readonly config?: string | undefined;
  /** Folder to search and to read `config` from; the current one by default. */
  readonly cwd?: string | undefined;
  /**
   * Reads YAML and JSON files by their absolute paths from elsewhere than the disk, such as from an earlier commit;
   * undefined where there is none. Modules cannot be read so.
   */
  readonly textOf?: TextOf | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A registry without problems, and where it was found. */
export interface LoadedRegistry {
  /** Absolute path of the registry file. */
  readonly file: string;
  /** Folder of the registry file, which its paths are relative to. */
  readonly root: string;
  /** Absolute paths of the registry file, of all that it includes, and of what modules import by relative paths. */
  readonly files: readonly string[];
  /** With what it includes; all paths are seen from `root`. */
  readonly registry: Registry;
}

/**
 * Finds, reads and checks the project's registry. A TypeScript or JavaScript file that was edited is loaded anew; what
 * it imports, and a CommonJS file, stays as it was until the process ends.
 * Throws `REGISTRY_NOT_FOUND`, `REGISTRY_UNREADABLE`, or `REGISTRY_INVALID` with all problems at once.
 */
export async function loadRegistry(options: LoadRegistryOptions = {}): Promise<LoadedRegistry> {
  const { config, cwd = process.cwd(), textOf, clock = systemClock, signal } = options;
  signal?.throwIfAborted();
  const file = config === undefined ? await findConfig(cwd) : await namedConfig(config, cwd);
  const { files, problems } = await readRegistryFiles(file, { clock, signal, textOf });
  // Whatever is missed because of a file that is not there is no problem of its own.
  if (problems.length > 0) throw invalid(file, inFileOrder(files, problems));
  const paths = files.map((each) => each.file);
  return {
    file,
    root: dirname(file),
    files: [...paths, ...(await localImports(paths))],
    registry: await checked(files),
  };
}

async function checked(files: readonly [RegistryFile, ...RegistryFile[]]): Promise<Registry> {
  const { value, clashes } = combine(files);
  const origins = new RegistryOrigins(files, value);
  const result = checkRegistry(value);
  const found: readonly Problem[] = [
    ...(await centralProblems(value, (path) => origins.dockerfilesFor(path))),
    ...(result.valid ? [] : result.problems),
  ];
  const problems: readonly PlacedProblem[] = [
    ...clashes.map((clash) => clashProblem(clash)),
    ...found.map((problem) => placed(problem, origins.fileOf(problem.path))),
  ];
  if (!result.valid || problems.length > 0) throw invalid(files[0].file, inFileOrder(files, problems));
  return withFilePaths(result.registry, (path) => origins.fromRoot(path));
}
