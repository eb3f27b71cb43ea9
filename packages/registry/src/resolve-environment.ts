import { join, resolve } from 'node:path';

import { unknownEnvironment } from './errors.ts';
import type { LoadedRegistry } from './load-registry.ts';
import { inDependencyOrder } from './plan/dependencies.ts';
import { mergeService } from './plan/merge-service.ts';
import { type EnvironmentDefinition, loadedServiceSchema, type Service } from './registry-schema.ts';
import { type ResolvedDatabase, resolveDatabase } from './resolve-database.ts';
import { type ResolvedContainer, resolveContainer } from './resolve-container.ts';
import { type ResolvedGate, resolveGates, type ResolvedHook, resolveHooks } from './resolve-gates.ts';
import { type ResolvedHealth, resolveHealth } from './resolve-health.ts';
import {
  type ResolvedBase,
  type ResolvedImage,
  type ResolvedImages,
  type ResolvedRetention,
  resolveBases,
  resolveImage,
  resolveImages,
  resolveRetention,
} from './resolve-images.ts';
import { type ResolvedProxy, resolveProxy, type ResolvedStrategy, resolveStrategy } from './resolve-traffic.ts';

/** Where the secrets of an environment are kept: its file absolute, its prefix decided. */
export type ResolvedSecrets =
  | { readonly source: 'dotenv'; readonly file: string }
  | {
      readonly source: 'aws';
      readonly regions: readonly [string, ...string[]];
      readonly prefix: string;
      readonly endpoint?: string | undefined;
    };

/** One environment with everything decided: overrides merged, paths absolute, services in dependency order. */
export interface ResolvedEnvironment {
  readonly project: string;
  readonly name: string;
  /** Absolute path of the registry file. */
  readonly file: string;
  /** Folder of the registry file. */
  readonly root: string;
  readonly runtime: EnvironmentDefinition['runtime'];
  readonly proxy: ResolvedProxy;
  /** Of its containers; what is not named is found out. */
  readonly network: Readonly<NonNullable<EnvironmentDefinition['network']>>;
  /** How long a version before stays warm after a switch; 0 for not at all. */
  readonly bakeMs: number;
  /** Of every release, besides those of its services. */
  readonly gates: readonly ResolvedGate[];
  /** Of every release, in the order of its stages. */
  readonly hooks: readonly ResolvedHook[];
  /** Null where all traffic moves at once. */
  readonly canary: { readonly steps: readonly number[]; readonly stepMs: number } | null;
  /** What a new version may do worse; what is not named is left to the defaults. */
  readonly limits: Readonly<NonNullable<EnvironmentDefinition['limits']>>;
  /** Where secrets come from; undefined only where no service needs one. */
  readonly secrets?: ResolvedSecrets;
  /** Absolute. */
  readonly stateFolder: string;
  /** Where images are built and kept; null where they are folders of the state. */
  readonly images: ResolvedImages | null;
  readonly retention: ResolvedRetention;
  /** Images that Dockerfiles of the services may start from. */
  readonly bases: readonly ResolvedBase[];
  /** Each after everything it depends on. */
  readonly services: readonly ResolvedService[];
}

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
}

type ResolvedKeys =
  | 'canary'
  | 'command'
  | 'container'
  | 'database'
  | 'gates'
  | 'health'
  | 'hooks'
  | 'image'
  | 'jobTimeoutMs'
  | 'overlap'
  | 'proxy'
  | 'route'
  | 'strategy';

/** A service as one environment runs it. */
export interface ResolvedService extends Readonly<Omit<Service, ResolvedKeys>> {
  readonly name: string;
  /** Absolute path of `context`. */
  readonly contextFolder: string;
  /** Null where a container runs what its image says. */
  readonly command: readonly string[] | null;
  /** Null where no container is run of it. */
  readonly image: ResolvedImage | null;
  /** Whom its containers run as; null where the registry does not say. */
  readonly containerUser: ContainerUser | null;
  /** Null where only other services reach it. */
  readonly route: NonNullable<Service['route']> | null;
  readonly database: ResolvedDatabase | null;
  readonly health: ResolvedHealth;
  /** Of its new versions. */
  readonly gates: readonly ResolvedGate[];
  /** Of releases that change it, in the order of their stages. */
  readonly hooks: readonly ResolvedHook[];
  readonly strategy: ResolvedStrategy;
  /** Null where no container is run of it. */
  readonly container: ResolvedContainer | null;
  /** How nginx passes its requests on; null for its defaults, and where there is none. */
  readonly passing: Readonly<NonNullable<Service['proxy']>> | null;
  /** Which requests its canaries get; null for the defaults. */
  readonly canary: Readonly<NonNullable<Service['canary']>> | null;
}

/** What the registry says about one environment. Throws `REGISTRY_UNKNOWN_ENVIRONMENT`, which lists the known ones. */
export function resolveEnvironment(
  { file, root, registry }: Omit<LoadedRegistry, 'files'>,
  name: string,
): ResolvedEnvironment {
  const definitions = new Map(Object.entries(registry.environments));
  const environment = definitions.get(name);
  if (environment === undefined) throw unknownEnvironment(name, [...definitions.keys()]);

  const overrides = new Map(Object.entries(environment.services));
  const services = Object.entries(registry.services).map(([service, base]) => {
    const override = overrides.get(service);
    // Parsed again for the defaults inside of what only the override brings, such as the path of a route.
    const merged = override === undefined ? base : loadedServiceSchema.parse(mergeService(base, override));
    return resolveService(service, merged, { environment, root });
  });
  return {
    project: registry.project,
    name,
    file,
    root,
    runtime: environment.runtime,
    proxy: resolveProxy(environment.proxy, root),
    network: environment.network ?? {},
    bakeMs: environment.bakeMs,
    gates: resolveGates(environment.gates, root),
    hooks: resolveHooks(environment.hooks, root),
    canary: environment.canary ?? null,
    limits: environment.limits ?? {},
    ...(environment.secrets && {
      secrets: resolveSecrets(environment.secrets, { project: registry.project, name, root }),
    }),
    images: environment.runtime === 'docker' ? resolveImages(environment.images, { environment: name, root }) : null,
    retention: resolveRetention(environment, definitions),
    bases: resolveBases(registry.bases, root),
    stateFolder: resolve(root, environment.state ?? join('.maestro', name)),
    services: inDependencyOrder(services),
  };
}

function resolveSecrets(
  secrets: NonNullable<EnvironmentDefinition['secrets']>,
  { project, name, root }: { readonly project: string; readonly name: string; readonly root: string },
): ResolvedSecrets {
  if (secrets.source === 'dotenv') return { ...secrets, file: resolve(root, secrets.file) };
  return { ...secrets, prefix: secrets.prefix ?? `${project}/${name}/` };
}

interface Surroundings {
  readonly environment: EnvironmentDefinition;
  readonly root: string;
}

function resolveService(name: string, service: Service, { environment, root }: Surroundings): ResolvedService {
  const contextFolder = resolve(root, service.context);
  const inContainers = environment.runtime === 'docker';
  const { strategy, overlap, jobTimeoutMs, gates, hooks, health, proxy, canary = null, ...kept } = service;
  return {
    ...kept,
    name,
    contextFolder,
    command: service.command ?? null,
    image: service.image === undefined ? null : resolveImage(service.image, { contextFolder, root }),
    containerUser: userIn(service.image?.user),
    route: service.route ?? null,
    environment: { ...environment.environment, ...service.environment },
    database: service.database === undefined ? null : resolveDatabase(service.database, { contextFolder, root }),
    health: resolveHealth(health),
    gates: resolveGates(gates, contextFolder),
    hooks: resolveHooks(hooks, contextFolder),
    strategy: resolveStrategy({ strategy, overlap, jobTimeoutMs }),
    container: inContainers ? resolveContainer(service) : null,
    passing: inContainers ? (proxy ?? null) : null,
    canary,
  };
}

function userIn(numbers: string | undefined): ContainerUser | null {
  const [uid, gid] = (numbers ?? '').split(':').map(Number);
  return uid === undefined || gid === undefined ? null : { uid, gid };
}
