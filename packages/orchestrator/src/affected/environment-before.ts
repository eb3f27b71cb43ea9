import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';

import { isMaestroError } from '@maestro/core';
import type { GitChanges } from '@maestro/image-store';
import { loadRegistry, type ResolvedEnvironment, resolveEnvironment } from '@maestro/registry';

export interface EnvironmentBeforeOptions {
  readonly environment: ResolvedEnvironment;
  readonly registryFiles: readonly string[];
  readonly changes: Pick<GitChanges, 'textBefore'>;
  readonly signal: AbortSignal;
}

export interface EnvironmentBefore {
  /** Undefined where it cannot be read any more. */
  readonly before: ResolvedEnvironment | undefined;
  /** Which files of the registry are no longer as they were, where only that can be said. */
  readonly changedFiles: readonly string[];
}

/**
 * An environment as the registry described it at the commit that is compared with. It is compared with the registry of the
 * working tree, whichever commit is deployed: that is the one a release follows.
 */
export async function environmentBefore(options: EnvironmentBeforeOptions): Promise<EnvironmentBefore> {
  const { environment, registryFiles, changes, signal } = options;
  const textOf = (file: string) => changes.textBefore(relative(environment.root, file).split(sep).join('/'));
  try {
    const loaded = await loadRegistry({ config: environment.file, textOf, signal });
    return { before: resolveEnvironment(loaded, environment.name), changedFiles: [] };
  } catch (error) {
    // A module is not run as it was: what it imports is no longer there.
    if (!isMaestroError(error) || !error.code.startsWith('REGISTRY_')) throw error;
    const changed = await Promise.all(registryFiles.map(async (file) => ((await isSame(file, textOf)) ? [] : [file])));
    return { before: undefined, changedFiles: changed.flat() };
  }
}

/** A checkout may have other ends of lines than the commit. */
async function isSame(file: string, textOf: (file: string) => Promise<string | undefined>): Promise<boolean> {
  const [before, now] = await Promise.all([textOf(file), textNow(file)]);
  return before?.replaceAll('\r\n', '\n') === now?.replaceAll('\r\n', '\n');
}

/** Undefined for a file that is not there; git is asked about it all the same. */
async function textNow(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
