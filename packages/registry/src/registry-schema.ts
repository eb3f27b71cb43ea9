import { z } from 'zod';

import { containerSchema } from './container-schema.ts';
import { databaseSchema } from './database-schema.ts';
import { environmentGatesSchema, gatesSchema, hooksSchema } from './gates-schema.ts';
import { healthSchema } from './health-schema.ts';
import { baseSchema, environmentImagesSchema, imageSchema, retentionSchema } from './images-schema.ts';
import { isRecord } from './plan/merge.ts';
import { secretsSchema } from './secrets-schema.ts';
import {
  canaryRuleSchema,
  canarySchema,
  limitsSchema,
  networkSchema,
  passingSchema,
  proxySchema,
} from './traffic-schema.ts';
import {
  list,
  milliseconds,
  name,
  object,
  projectFolder,
  text,
  variableName,
  variables,
  wanted,
} from './schema-parts.ts';

const routeSchema = object({
  /** Host name this route is for; any host when left out. */
  host: text(/^[A-Za-z0-9.-]+$/, 'a host name without scheme, port and path')
    .toLowerCase()
    .optional(),
  /** Prefix of the paths that reach the service. */
  path: text(/^\/[^\s?#]*$/, 'a path that starts with "/"').default('/'),
});

export const commandWanted = 'a list that starts with the program to run';

export const serviceSchema = object({
  /** Folder of the service, relative to the registry file. */
  context: projectFolder(),
  /** Program and arguments, run in the unpacked image; in a container instead of the image's own, where it is given. */
  command: list(z.string(wanted('a string in quotes')), commandWanted)
    .refine(startsWithProgram, wanted(commandWanted))
    .optional(),
  /** For environments that run containers. */
  image: imageSchema.optional(),
  /** Where the proxy offers the service; left out, only other services reach it. */
  route: routeSchema.optional(),
  health: healthSchema.prefault({}),
  /** How its containers are made, for environments that run containers. */
  container: containerSchema.prefault({}),
  /**
   * How it gets from one version to the next. `blue-green`: beside what is live, then its traffic moves. `recreate`: it
   * cannot run twice, and nobody answers in between. `worker`: it gets no traffic; see `overlap`. `job`: it runs to its end
   * once in each release, before what depends on it starts.
   */
  strategy: z
    .enum(['blue-green', 'recreate', 'worker', 'job'], wanted('"blue-green", "recreate", "worker" or "job"'))
    .default('blue-green'),
  /** Whether the next version of a worker starts before the one before has ended; true by default. */
  overlap: z.boolean(wanted('true or false')).optional(),
  /** Time for a job to end; 10 minutes by default. */
  jobTimeoutMs: milliseconds(1).optional(),
  /** Conditions that a new version of it must meet, by name. */
  gates: gatesSchema,
  /** Programs around the stages of the releases that change it, run in its folder. */
  hooks: hooksSchema,
  /** How its requests are passed on, where nginx does that. */
  proxy: passingSchema.optional(),
  /** Which requests its canaries get. */
  canary: canaryRuleSchema.optional(),
  /** Files and folders outside of it that it is made of, too, relative to the registry file: a change there affects it. */
  sharedPaths: list(projectFolder(), 'a list of relative paths').default([]),
  /** Services that must be ready before this one starts. */
  dependsOn: list(z.string(wanted('the name of a service')), 'a list of names of services').default([]),
  /** Environment variables; nothing secret. */
  environment: variables,
  /** Names of the secrets the service gets, as environment variables of the same names. */
  secrets: list(variableName, 'a list of names of secrets').default([]),
  database: databaseSchema.optional(),
  /** Time for the requests in flight once traffic has moved on. */
  drainTimeoutMs: milliseconds(0).default(30_000),
  /** The same for WebSockets and event streams; as long as for requests by default. */
  longLivedTimeoutMs: milliseconds(0).optional(),
  /** Time between asking the service to stop and ending it. */
  stopTimeoutMs: milliseconds(0).default(10_000),
});

/** A service of a registry that was loaded: what it includes may have its folders anywhere. */
export const loadedServiceSchema = serviceSchema.extend({
  context: z.string(),
  image: imageSchema.extend({ context: z.string().optional() }).optional(),
  sharedPaths: z.array(z.string()).default([]),
});

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What differs in one environment; the merged service is checked, not this part alone. */
export type ServiceOverride<ServiceShape = z.input<typeof serviceSchema>> = DeepPartial<ServiceShape>;

/** A part of a service; what it makes of one is checked where it is merged. */
export const serviceOverrideSchema = z.custom<ServiceOverride>(
  isRecord,
  wanted('an object with what differs for the service'),
);

export const environmentSchema = object({
  /** `embedded`: processes on this machine; `docker`: containers. */
  runtime: z.enum(['embedded', 'docker'], wanted('"embedded" or "docker"')),
  proxy: proxySchema,
  /** For containers only. */
  images: environmentImagesSchema.optional(),
  /** How much is kept of what was deployed. */
  retention: retentionSchema.optional(),
  /** For containers only. */
  network: networkSchema.optional(),
  /** So long the version before stays warm after a switch, and gets its traffic back when the new one is worse. */
  bakeMs: milliseconds(0).default(0),
  /** Conditions that every release must meet, by name. */
  gates: environmentGatesSchema,
  /** Programs around the stages of every release, run in the folder of the registry file. */
  hooks: hooksSchema,
  /** What is tried out before all traffic moves. */
  canary: canarySchema.optional(),
  /** What is worse, for both. */
  limits: limitsSchema.optional(),
  /** Needed as soon as a service needs a secret. */
  secrets: secretsSchema.optional(),
  /** Folder of the environment's state, relative to the registry file; `.maestro/<environment>` by default. */
  state: projectFolder().optional(),
  /** Environment variables of all services; a service's own win. */
  environment: variables,
  /** What differs for a service in this environment. */
  services: z
    .record(z.string(), serviceOverrideSchema, wanted('an object with a key for each service that differs'))
    .default({}),
});

export const registrySchema = object({
  /** What the names of images, containers and secrets begin with. */
  project: name,
  /** Registries whose services, bases, defaults and environments are here, too; relative to the registry file. */
  include: list(text(/./, 'the path of a registry file'), 'a list of paths of registry files').optional(),
  /** The folder of what is named `central:<name>`, `<name>/Dockerfile` in it; relative to the registry file. */
  dockerfiles: text(/./, 'the path of a folder of Dockerfiles').optional(),
  /** What all services start from: a service's own keys win over it, and those of an environment over both. */
  defaults: serviceOverrideSchema.optional(),
  /** Images that several Dockerfiles start from, by name. */
  bases: z.record(z.string(), baseSchema, wanted('an object with a key for each base image')).default({}),
  /** What is deployed, by name. */
  services: z.record(z.string(), serviceSchema, wanted('an object with a key for each service')),
  /** Where services run and how, by name. */
  environments: z.record(z.string(), environmentSchema, wanted('an object with a key for each environment')),
});

/** A registry as it is checked, with what it includes, and the defaults of everything that was left out. */
export type Registry = Omit<z.output<typeof registrySchema>, 'defaults' | 'dockerfiles' | 'include'>;
export type Service = z.output<typeof serviceSchema>;
export type Base = z.output<typeof baseSchema>;
export type EnvironmentDefinition = z.output<typeof environmentSchema>;

function startsWithProgram([program]: readonly string[]): boolean {
  return program !== undefined && program !== '';
}
