import { dirname, extname } from 'node:path';

import { type Clock, systemClock } from '@maestro/core';

import { checkRegistry } from './checks/check-registry.ts';
import { formatPath, type Problem } from './checks/problem.ts';
import { invalid, type RegistryProblem, unreadable } from './errors.ts';
import { findConfig, namedConfig } from './files/find-config.ts';
import { readJson, readYaml } from './files/read-document.ts';
import { readModule } from './files/read-module.ts';
import type { Source } from './files/source.ts';
import type { Registry } from './registry-schema.ts';

export interface LoadRegistryOptions {
  /** Path of the registry file; by default `maestro.config.{ts,mts,js,mjs,json,yaml,yml}`, searched upwards from `cwd`. */
  readonly config?: string | undefined;
  /** Folder to search and to read `config` from; the current one by default. */
  readonly cwd?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A registry without problems, and where it was found. */
export interface LoadedRegistry {
  /** Absolute path of the registry file. */
  readonly file: string;
  /** Folder of the registry file, which its paths are relative to. */
  readonly root: string;
  readonly registry: Registry;
}

/**
 * Finds, reads and checks the project's registry. A TypeScript or JavaScript file that was edited is loaded anew; what
 * it imports, and a CommonJS file, stays as it was until the process ends.
 * Throws `REGISTRY_NOT_FOUND`, `REGISTRY_UNREADABLE`, or `REGISTRY_INVALID` with all problems at once.
 */
export async function loadRegistry(options: LoadRegistryOptions = {}): Promise<LoadedRegistry> {
  const { config, cwd = process.cwd(), clock = systemClock, signal } = options;
  signal?.throwIfAborted();
  const file = config === undefined ? await findConfig(cwd) : await namedConfig(config, cwd);
  const source = await read(file, clock, signal);
  signal?.throwIfAborted();

  const checked = checkRegistry(source.value);
  if (!checked.valid) throw invalid(file, inFileOrder(checked.problems.map((problem) => placed(problem, source))));
  return { file, root: dirname(file), registry: checked.registry };
}

function read(file: string, clock: Clock, signal: AbortSignal | undefined): Promise<Source> {
  switch (extname(file)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return readModule(file, { clock, signal });
    case '.json':
      return readJson(file);
    case '.yaml':
    case '.yml':
      return readYaml(file);
    default:
      throw unreadable({
        file,
        reason: 'expected a file that ends in .ts, .mts, .js, .mjs, .json, .yaml or .yml',
        hint: `rename ${file} after the language it is written in`,
      });
  }
}

function placed({ path, message }: Problem, { locate }: Source): RegistryProblem {
  return { path: formatPath(path), ...locate(path), message };
}

function inFileOrder(problems: readonly RegistryProblem[]): RegistryProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
