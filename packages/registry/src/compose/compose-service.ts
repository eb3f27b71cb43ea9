import { join, relative, sep } from 'node:path';

import type { ResolvedContainer, ResolvedMount } from '../resolve-container.ts';
import type { ResolvedEnvironment, ResolvedService } from '../resolve-environment.ts';
import type { ResolvedImage } from '../resolve-images.ts';
import { composeHealth, durationText } from './compose-health.ts';
import { composeImage, routeLabel, strategyLabel } from './compose-names.ts';
import { type ComposeValue, sorted } from './compose-value.ts';
import { dataFolder, secretsFolder, toldVariables } from './told-variables.ts';

/** What all services of a file have in common. */
export interface Surroundings {
  readonly environment: ResolvedEnvironment;
  /** A path as it is written into the file. */
  readonly pathOf: (path: string) => string;
  /** The compose services that build what Dockerfiles start from. */
  readonly bases: readonly string[];
}

/** One service as compose runs it. */
export function composeService(service: ResolvedService, surroundings: Surroundings): ComposeValue {
  const { command, container, image, name, stopTimeoutMs } = service;
  if (container === null || image === null) return {};
  const { environment, pathOf } = surroundings;
  const { settings, replicas } = container;
  const { user, networks, log } = settings;
  return {
    build: composeBuild(image, pathOf),
    image: composeImage(environment.project, environment.name, name),
    // A command of the registry takes the place of the image's entry point, too.
    ...(command === null ? {} : { entrypoint: command }),
    ...(user === undefined ? {} : { user }),
    environment: variablesOf(service, environment),
    ...(container.secretsAs === 'files' && service.secrets.length > 0 ? { secrets: service.secrets.toSorted() } : {}),
    ...labelsOf(service),
    ...dependencies(service, surroundings),
    ...(isJob(service) ? {} : { healthcheck: composeHealth(service) }),
    ...limitsOf(settings),
    ...mountsOf(service, surroundings),
    ...(networks === undefined ? {} : { networks: ['default', ...networks] }),
    ...(log === undefined ? {} : { logging: { driver: log.driver, options: log.options } }),
    ...(replicas === 1 ? {} : { scale: replicas }),
    ...(stopTimeoutMs === 10_000 ? {} : { stop_grace_period: durationText(stopTimeoutMs) }),
  };
}

export function composeBuild(
  { contextFolder, dockerfile, target, args }: Omit<ResolvedImage, 'platforms'>,
  pathOf: Surroundings['pathOf'],
): ComposeValue {
  return {
    context: pathOf(contextFolder),
    // Relative to the context.
    dockerfile: relative(contextFolder, dockerfile).split(sep).join('/'),
    ...(target === undefined ? {} : { target }),
    ...(Object.keys(args).length === 0 ? {} : { args: sorted(args) }),
  };
}

/** Secrets are named and have no value: compose passes on what it has in its own environment. */
function variablesOf(service: ResolvedService, environment: ResolvedEnvironment): ComposeValue {
  const variables: Record<string, string | null> = { ...toldVariables(service, environment) };
  for (const name of service.secrets) {
    if (service.container?.secretsAs === 'files') variables[`${name}_FILE`] = `${secretsFolder}/${name}`;
    else variables[name] = null;
  }
  return sorted(variables);
}

function labelsOf({ route, strategy }: ResolvedService): Readonly<Record<string, ComposeValue>> {
  const labels = {
    ...(route === null ? {} : { [routeLabel]: `${route.host ?? ''}${route.path}` }),
    ...(strategy.kind === 'blue-green' ? {} : { [strategyLabel]: strategy.kind }),
  };
  return Object.keys(labels).length === 0 ? {} : { labels };
}

function isJob({ strategy }: ResolvedService): boolean {
  return strategy.kind === 'job';
}

function dependencies(
  { dependsOn }: ResolvedService,
  { bases, environment }: Surroundings,
): Readonly<Record<string, ComposeValue>> {
  const jobs = new Set(environment.services.filter(isJob).map(({ name }) => name));
  const conditions: Record<string, ComposeValue> = {};
  for (const name of bases) conditions[name] = { condition: 'service_started' };
  for (const name of dependsOn) {
    conditions[name] = { condition: jobs.has(name) ? 'service_completed_successfully' : 'service_healthy' };
  }
  return Object.keys(conditions).length === 0 ? {} : { depends_on: sorted(conditions) };
}

function limitsOf(settings: ResolvedContainer['settings']): Readonly<Record<string, ComposeValue>> {
  const { cpus, memoryBytes, processes, ulimits, readOnlyRoot, dropCapabilities, addCapabilities, init } = settings;
  return {
    ...(init === undefined ? {} : { init }),
    ...(readOnlyRoot === undefined ? {} : { read_only: readOnlyRoot }),
    ...(addCapabilities === undefined ? {} : { cap_add: addCapabilities }),
    ...(dropCapabilities === undefined ? {} : { cap_drop: dropCapabilities }),
    security_opt: ['no-new-privileges:true'],
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryBytes === undefined
      ? {}
      : { mem_limit: amountText(memoryBytes), memswap_limit: amountText(memoryBytes) }),
    ...(processes === undefined ? {} : { pids_limit: processes }),
    ...(ulimits === undefined ? {} : { ulimits: sorted(ulimits) }),
  };
}

/** `512m`, and bytes where no larger unit fits. */
function amountText(bytes: number): string {
  const unit = (['g', 'm', 'k'] as const).find((name) => bytes > 0 && bytes % sizes[name] === 0);
  return unit === undefined ? `${bytes}b` : `${bytes / sizes[unit]}${unit}`;
}

const sizes = { g: 1024 ** 3, m: 1024 ** 2, k: 1024 };

function mountsOf(
  { name, container, database }: ResolvedService,
  { environment, pathOf }: Surroundings,
): Readonly<Record<string, ComposeValue>> {
  const mounts = (container?.settings.mounts ?? []).map((mount) => composeMount(mount, pathOf));
  // The folder that migrations look in, so that compose serves what they have prepared.
  const folder = join(environment.stateFolder, 'data', ...(environment.runtime === 'docker' ? [name] : []));
  const data = { type: 'bind', source: pathOf(folder), target: dataFolder };
  const all = database?.adapter === 'sqlite' ? [...mounts, data] : mounts;
  return all.length === 0 ? {} : { volumes: all };
}

function composeMount(mount: ResolvedMount, pathOf: Surroundings['pathOf']): ComposeValue {
  const { target } = mount;
  switch (mount.kind) {
    case 'volume':
      return { type: 'volume', source: mount.volume, target, ...(mount.readOnly ? { read_only: true } : {}) };
    case 'folder':
      return { type: 'bind', source: pathOf(mount.folder), target, ...(mount.readOnly ? { read_only: true } : {}) };
    case 'memory':
      return { type: 'tmpfs', target, tmpfs: { size: mount.sizeBytes } };
  }
}
