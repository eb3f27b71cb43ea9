import type { CanaryRule, ContainerSettings, Limits, ProxySettings } from '@maestro/bluegreen';
import { z } from 'zod';

import { contentHash } from '../plan/content-hash.ts';
import { gateSchema, hookSchema } from './call-definition.ts';
import { healthSchema } from './health-definition.ts';

const serverAddressSchema = z.union([
  z.object({ urlSecret: z.string() }),
  z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    passwordSecret: z.string().nullable(),
    variable: z.string(),
  }),
]);

const databaseSchema = z.discriminatedUnion('adapter', [
  z.object({
    adapter: z.literal('sqlite'),
    /** Absolute. */
    file: z.string(),
    /** The folder of migrations inside the image. */
    migrations: z.string(),
    /** The variable that tells the service its database. */
    variable: z.string(),
    /** The folder around the file that its containers have mounted; absent for processes. */
    mountedFolder: z.string().optional(),
  }),
  z.object({
    adapter: z.enum(['mysql', 'postgresql']),
    /** With names of secrets; never a value. */
    address: serverAddressSchema,
    schema: z.string().nullable(),
    tls: z.union([z.boolean(), z.object({ ca: z.string() })]),
    migrations: z.string(),
  }),
]);

const strategySchema = z.union([
  z.object({ kind: z.enum(['blue-green', 'recreate']) }),
  z.object({ kind: z.literal('worker'), successor: z.enum(['beside', 'after']) }),
  z.object({ kind: z.literal('job'), timeoutMs: z.number() }),
]);

const containerSchema = z.object({
  port: z.number(),
  replicas: z.number(),
  /** As the runtime takes them. */
  settings: z.custom<ContainerSettings>(isObject),
  /** Whom its secrets belong to. */
  user: z.object({ uid: z.number(), gid: z.number() }).nullable(),
  secretsAs: z.enum(['files', 'variables']),
});

const serviceSchema = z.preprocess(
  withSecretNames,
  z.object({
    name: z.string(),
    /** The image repository of the service. */
    repository: z.string(),
    /** `<repository>:<tag>` */
    image: z.string(),
    digest: z.string(),
    revision: z.string(),
    /** Empty for a container that runs what its image says. */
    command: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    /** Names of the secrets the service gets. */
    secrets: z.array(z.string()),
    /** Version of each of them and of each that these refer to, by name; never a value. */
    secretVersions: z.record(z.string(), z.string()),
    database: databaseSchema.nullable(),
    /** Names of all migrations that its image has; null where a release did not write them down. */
    migrations: z.array(z.string()).nullable().default(null),
    route: z.object({ host: z.string().nullable(), path: z.string() }).nullable(),
    health: healthSchema,
    strategy: strategySchema.default({ kind: 'blue-green' }),
    /** Null for a process. */
    container: containerSchema.nullable().default(null),
    /** How its requests are passed on; null for the router's defaults. */
    passing: z.custom<ProxySettings>(isObject).nullable().default(null),
    canary: z.custom<CanaryRule>(isObject).nullable().default(null),
    dependsOn: z.array(z.string()),
    drainTimeoutMs: z.number(),
    /** The same for long-lived connections; null for as long as for requests. */
    longLivedTimeoutMs: z.number().nullable().default(null),
    stopTimeoutMs: z.number(),
    configHash: z.string(),
  }),
);

/** Everything needed to start a service of a release again, later and without its sources. */
export type ServiceDefinition = z.infer<typeof serviceSchema>;

export const definitionSchema = z.object({
  id: z.string(),
  kind: z.enum(['deploy', 'rollback']),
  environment: z.string(),
  at: z.string(),
  by: z.string(),
  planHash: z.string(),
  /** The release that was live when this one began. */
  previous: z.string().nullable(),
  /** For a rollback: the release it returns to. */
  restores: z.string().nullable(),
  /** All services of the environment as they are to be, those that stay the same included. */
  services: z.array(serviceSchema),
  /** Services that this release takes away. */
  unwanted: z.array(z.string()),
  /** How new versions are tried out on the way. */
  trial: z
    .object({
      canarySteps: z.array(z.number()).readonly(),
      canaryStepMs: z.number(),
      bakeMs: z.number(),
      /** What is not named is left to the defaults. */
      limits: z.custom<Partial<Limits>>(isObject),
    })
    .default({ canarySteps: [], canaryStepMs: 0, bakeMs: 0, limits: {} }),
  /** Those that this release must meet. */
  gates: z.array(gateSchema).default([]),
  /** Those that this release calls, in the order of its stages. */
  hooks: z.array(hookSchema).default([]),
  /** Names of the services that this release runs to their end. */
  jobs: z.array(z.string()).default([]),
  /** What the images of the services that it starts are made of, by service: gates are run on the same files. */
  inputHashes: z.record(z.string(), z.string()).default({}),
});

/** How new versions are tried out; see the registry. */
export type ReleaseTrial = ReleaseDefinition['trial'];

/** One release as it is written down before anything is done: what `resume` finishes and a rollback returns to. */
export type ReleaseDefinition = z.infer<typeof definitionSchema>;

/** What a process is started with besides its image. */
export type StartedWith = Pick<
  ServiceDefinition,
  'command' | 'container' | 'environment' | 'secrets' | 'secretVersions' | 'database'
>;

/** Identity of what a process is started with besides its image; two equal hashes need no restart. */
export function configHashOf(service: StartedWith): string {
  const { command, container, environment, secrets, secretVersions, database } = service;
  const started = { command, environment, secrets, secretVersions, database };
  return contentHash(container === null ? started : { ...started, container });
}

/** Stands for the digest of an image that is yet to be built: no image has it, and the same input gives the same one. */
export function unbuiltDigest(inputHash: string): string {
  return `${unbuilt}${inputHash}`;
}

export function isUnbuilt(digest: string): boolean {
  return digest.startsWith(unbuilt);
}

const unbuilt = 'unbuilt:';

/** Releases were written down without the names while there were no versions but theirs. */
function withSecretNames(service: unknown): unknown {
  if (typeof service !== 'object' || service === null || 'secrets' in service) return service;
  const { secretVersions } = service as { readonly secretVersions?: object };
  return { ...service, secrets: Object.keys(secretVersions ?? {}) };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
