import { resolve } from 'node:path';

import type { ResolvedEnvironment, ResolvedService } from '../resolve-environment.ts';
import { changedDefinitions } from './changed-definitions.ts';
import { changedBelow, type ChangedFiles, changedSummary } from './changed-files.ts';
import { inputsOf } from './service-inputs.ts';

export interface AffectedQuery {
  /** As it is now. */
  readonly environment: ResolvedEnvironment;
  /**
   * Absolute, or relative to the folder of the registry file. A folder stands for everything in it: git names a submodule,
   * or a link that takes a folder's place, by that path alone.
   */
  readonly changedFiles: readonly string[];
  /**
   * Files and folders of which nobody knows whether they changed, such as those of another git repository: taken for
   * changed.
   */
  readonly unknownFiles?: readonly string[] | undefined;
  /**
   * The environment as it was before: a service that is defined otherwise now is affected. Without it, a change of the
   * registry's files affects all services.
   */
  readonly before?: ResolvedEnvironment | undefined;
  /** The files that the registry is made of; by default the one that the environment names. */
  readonly registryFiles?: readonly string[] | undefined;
  /**
   * Names of the base images that services start from, directly or through others, by the names of the services. Without
   * it, a base that changed affects every service that has an image.
   */
  readonly basesOf?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Whether what depends on an affected service is affected, too, as for a run of tests. Not by default: it reaches the
   * new version at the address it knows, and nothing of its own differs.
   */
  readonly dependents?: boolean | undefined;
}

/** A service that is to be deployed, or tested, for what changed. */
export interface AffectedService {
  readonly name: string;
  /** At least one. */
  readonly reasons: readonly AffectedReason[];
}

/**
 * `context`: files that it is made of. `dockerfile`: its Dockerfile, or the ignore file of that one. `base`: a base image
 * that it may start from. `shared`: its `sharedPaths`. `secrets`: the file with its secrets. `registry`: what the registry
 * says, or may say, of it. `dependency`: a service that it depends on.
 */
export type AffectedKind = 'base' | 'context' | 'dependency' | 'dockerfile' | 'registry' | 'secrets' | 'shared';

export interface AffectedReason {
  readonly kind: AffectedKind;
  /** In words, such as `services/api/main.ts and 3 more changed`. */
  readonly summary: string;
}

/**
 * Which services files that changed have to do with, in dependency order, and why. Reads nothing, ignore files neither: a
 * service that is named although nothing of its image changed is left as it is by a deployment.
 */
export function affectedServices(query: AffectedQuery): readonly AffectedService[] {
  const { environment, dependents = false } = query;
  const ownReasons = reasonsOf(query);
  const affected = new Map<string, readonly AffectedReason[]>();
  // Each service comes after everything it depends on.
  for (const service of environment.services) {
    const through = dependents ? service.dependsOn.filter((name) => affected.has(name)) : [];
    const reasons = [...ownReasons(service), ...through.map((name) => reason('dependency', `depends on ${name}`))];
    if (reasons.length > 0) affected.set(service.name, reasons);
  }
  return [...affected].map(([name, reasons]) => ({ name, reasons }));
}

function reasonsOf(query: AffectedQuery): (service: ResolvedService) => readonly AffectedReason[] {
  const { environment, before, changedFiles, unknownFiles = [] } = query;
  const { root, services } = environment;
  const registryFiles = (query.registryFiles ?? [environment.file]).map((path) => resolve(root, path));
  const unknown = new Set(unknownFiles.map((path) => resolve(root, path)));
  const files = new Set([...changedFiles.map((path) => resolve(root, path)), ...unknown]);
  const inputs = new Map(services.map((service) => [service, inputsOf(service, query)]));
  const paths = [...inputs.values()].flatMap((all) => all.flatMap((input) => input.paths));
  const changed = changedBelow(files, [...paths, ...registryFiles]);

  const told = (found: ChangedFiles) => (found.count === 0 ? [] : [changedSummary(found, { root, unknown })]);
  const ofRegistry = told(changed(registryFiles));
  const definitions = before === undefined ? () => ofRegistry : changedDefinitions(before, environment);
  return (service) => [
    ...definitions(service.name).map((summary) => reason('registry', summary)),
    ...(inputs.get(service) ?? []).flatMap(({ kind, label, paths: own }) =>
      told(changed(own)).map((summary) => reason(kind, `${label}${summary}`)),
    ),
  ];
}

function reason(kind: AffectedKind, summary: string): AffectedReason {
  return { kind, summary };
}
