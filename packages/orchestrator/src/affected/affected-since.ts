import { isMaestroError } from '@maestro/core';
import { gitChanges, usedBases } from '@maestro/image-store';
import { type AffectedService, affectedServices, type ResolvedEnvironment } from '@maestro/registry';

import { recipeOf } from '../images/recipe-of.ts';
import { environmentBefore } from './environment-before.ts';
import { otherPaths } from './other-paths.ts';

export interface AffectedSinceOptions {
  readonly environment: ResolvedEnvironment;
  /** Absolute paths of the files that the registry is made of. */
  readonly registryFiles: readonly string[];
  /** A commit, tag or branch: what changed on this side since the two went apart. */
  readonly since: string;
  /** The git ref that is deployed; undefined for the working tree. */
  readonly ref: string | undefined;
  readonly signal: AbortSignal;
}

/** The services that have to do with what git says changed since a commit, in dependency order, and why. */
export async function affectedSince(options: AffectedSinceOptions): Promise<readonly AffectedService[]> {
  const { environment, registryFiles, since, ref, signal } = options;
  const changes = await gitChanges({ folder: environment.root, since, ref, signal });
  const registry = await environmentBefore({ environment, registryFiles, changes, signal });
  const others = await otherPaths(environment, changes);
  const query = {
    environment,
    registryFiles,
    before: registry.before,
    changedFiles: [...changes.files, ...registry.changedFiles, ...others.changedFiles],
    unknownFiles: others.unknownFiles,
  };
  const affected = affectedServices(query);
  const asksForBases = affected.some(({ reasons }) => reasons.some(({ kind }) => kind === 'base'));
  if (!asksForBases) return affected;
  return affectedServices({ ...query, basesOf: await basesOf(environment, { ref, signal }) });
}

/** Undefined where a Dockerfile does not tell: it may belong to a service that nobody deploys. */
async function basesOf(
  { project, services, bases }: ResolvedEnvironment,
  options: Pick<AffectedSinceOptions, 'ref' | 'signal'>,
): Promise<Readonly<Record<string, readonly string[]>> | undefined> {
  try {
    return await usedBases({
      project,
      services: services.flatMap(({ name, image }) => (image === null ? [] : [recipeOf(name, image)])),
      bases: bases.map(({ name, ...image }) => recipeOf(name, image)),
      ...options,
    });
  } catch (error) {
    if (!isMaestroError(error)) throw error;
    return undefined;
  }
}
