import { basename, isAbsolute, join, relative, sep } from 'node:path';

import { noImage } from '../errors.ts';
import type { LoadedRegistry } from '../load-registry.ts';
import type { EnvironmentDefinition } from '../registry-schema.ts';
import { type ResolvedEnvironment, resolveEnvironment } from '../resolve-environment.ts';
import { basePrefix, proxyName } from './compose-names.ts';
import { composeProxy, proxyUrl } from './compose-proxy.ts';
import { composeBuild, composeService, type Surroundings } from './compose-service.ts';
import { askScript } from './health-probe.ts';
import { type ComposeValue, sorted } from './compose-value.ts';
import { writeCompose } from './write-compose.ts';

export interface RenderComposeOptions {
  readonly loaded: LoadedRegistry;
  /** Name of the environment. */
  readonly environment: string;
  /** Absolute path of the folder that the file will be in; that of the registry file by default. */
  readonly folder?: string | undefined;
}

/**
 * The docker-compose.yml of an environment, for development and inspection: the same registry always gives the same text.
 * It holds names of secrets and none of their values. Services run as containers also where the environment is embedded.
 * Throws `REGISTRY_UNKNOWN_ENVIRONMENT`, and `REGISTRY_NO_IMAGE` where a service has no Dockerfile.
 */
export function renderCompose({ loaded, environment: name, folder = loaded.root }: RenderComposeOptions): string {
  const environment = inContainers(loaded, name);
  const without = environment.services.filter(({ image }) => image === null).map((service) => service.name);
  if (without.length > 0) throw noImage(loaded.file, { environment: name, services: without });

  const bases = environment.bases.map((base) => `${basePrefix}${base.name}`);
  const pathOf = (path: string) => relativePath(folder, loaded.root, path);
  const surroundings = { environment, pathOf, bases };
  const content = {
    services: sorted({ ...baseServices(surroundings), ...servicesOf(surroundings) }),
    ...networksOf(environment),
    ...volumesOf(environment),
    ...secretsOf(surroundings),
  };
  return writeCompose({
    content,
    header: headerOf(loaded, surroundings),
    shared: { key: 'x-ask-health', text: askScript },
  });
}

/** Whether a file was made by this, so that nobody's own work is lost when it is made anew. */
export function isRenderedCompose(text: string): boolean {
  return /^# Made of \S+ by `maestro compose -e /.test(text);
}

/** The environment as one that runs containers; where its data is depends on what it truly runs. */
function inContainers(loaded: LoadedRegistry, name: string): ResolvedEnvironment {
  const { runtime } = resolveEnvironment(loaded, name);
  const { registry } = loaded;
  const environments = Object.entries(registry.environments).map(([key, definition]) => {
    if (key !== name) return [key, definition];
    // What an embedded environment runs is for the working tree; images have commands of their own.
    const services = runtime === 'embedded' ? withoutCommands(definition.services) : definition.services;
    return [key, { ...definition, runtime: 'docker' as const, services }];
  });
  const inDocker = { ...registry, environments: Object.fromEntries(environments) as typeof registry.environments };
  return { ...resolveEnvironment({ ...loaded, registry: inDocker }, name), runtime };
}

function withoutCommands(services: EnvironmentDefinition['services']): EnvironmentDefinition['services'] {
  const entries = Object.entries(services).map(
    ([name, service]) => [name, { ...service, command: undefined }] as const,
  );
  return Object.fromEntries(entries);
}

/** Relative within the project, so that the file can be kept and moved with it. */
function relativePath(folder: string, root: string, path: string): string {
  const outside = relative(root, path);
  if (isAbsolute(outside) || outside.split(sep)[0] === '..') return path;
  const written = relative(folder, path).split(sep).join('/');
  return written.startsWith('..') ? written : `./${written}`;
}

function servicesOf(surroundings: Surroundings): Readonly<Record<string, ComposeValue>> {
  const { environment } = surroundings;
  const proxy = composeProxy(environment);
  const services = environment.services.map(
    (service) => [service.name, composeService(service, surroundings)] as const,
  );
  return { ...Object.fromEntries(services), ...(proxy === null ? {} : { [proxyName]: proxy }) };
}

/** What Dockerfiles start from is built before them, as something they depend on of which no container is made. */
function baseServices({ environment, pathOf }: Surroundings): Readonly<Record<string, ComposeValue>> {
  return Object.fromEntries(
    environment.bases.map((base) => [
      `${basePrefix}${base.name}`,
      { build: composeBuild(base, pathOf), image: `${environment.project}-${base.name}`, scale: 0 },
    ]),
  );
}

/** Networks of a registry are there already. */
function networksOf({ services }: ResolvedEnvironment): Readonly<Record<string, ComposeValue>> {
  const names = new Set(services.flatMap(({ container }) => container?.settings.networks ?? []));
  if (names.size === 0) return {};
  const networks = [...names].map((name) => [name, { external: true, name }] as const);
  return { networks: sorted({ default: {}, ...Object.fromEntries(networks) }) };
}

/** Compose's own, with its project's name before theirs: what is tried out does not touch what a deployment keeps. */
function volumesOf({ services }: ResolvedEnvironment): Readonly<Record<string, ComposeValue>> {
  const mounts = services.flatMap(({ container }) => container?.settings.mounts ?? []);
  const names = new Set(mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : [])));
  if (names.size === 0) return {};
  return { volumes: sorted(Object.fromEntries([...names].map((name) => [name, {}]))) };
}

/** For programs that read files: compose takes them from files, too. */
function secretsOf({ environment, pathOf }: Surroundings): Readonly<Record<string, ComposeValue>> {
  const asFiles = environment.services.filter(({ container }) => container?.secretsAs === 'files');
  const names = new Set(asFiles.flatMap(({ secrets }) => secrets));
  if (names.size === 0) return {};
  const files = [...names].map((name) => [name, { file: pathOf(join(secretFiles(environment), name)) }] as const);
  return { secrets: sorted(Object.fromEntries(files)) };
}

/** Beside what else is no part of the project. */
function secretFiles({ stateFolder }: ResolvedEnvironment): string {
  return join(stateFolder, 'compose-secrets');
}

function headerOf({ file }: LoadedRegistry, { environment, pathOf }: Surroundings): readonly string[] {
  const { project, name, services, proxy } = environment;
  const url = proxyUrl(environment);
  const up = `docker-compose -p ${project}-${name} up --build`;
  const inVariables = services.some(({ container, secrets }) => container?.secretsAs !== 'files' && secrets.length > 0);
  const inFiles = services.some(({ container, secrets }) => container?.secretsAs === 'files' && secrets.length > 0);
  return [
    `Made of ${basename(file)} by \`maestro compose -e ${name}\`: change that file, and make this one anew.`,
    `${project} as ${name} runs it, on one machine, for development and for a look. Deploying is \`maestro deploy\`: compose`,
    'stops a service to replace it.',
    '',
    ...(services.some(({ database }) => database !== null) ? [`Before: maestro migrate run -e ${name}`] : []),
    `Start:  ${inVariables ? `maestro secrets run -e ${name} -- ${up}` : up}`,
    ...(url === null ? [] : [`Answers: ${url}`]),
    ...(inFiles ? [`Secrets that are files: each in a file of its name in ${pathOf(secretFiles(environment))}`] : []),
    ...(proxy.tls === undefined ? [] : ['Without TLS.']),
  ];
}
