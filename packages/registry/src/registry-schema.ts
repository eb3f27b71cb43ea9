import { z } from 'zod';

import { containerSchema } from './container-schema.ts';
import { databaseSchema } from './database-schema.ts';
import { healthSchema } from './health-schema.ts';
import { baseSchema, environmentImagesSchema, imageSchema } from './images-schema.ts';
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
import { folderInside, list, milliseconds, object, text, variableName, variables, wanted } from './schema-parts.ts';

export const namePattern = /^[a-z][a-z0-9-]{0,40}$/;
const nameWanted = 'a name of at most 41 lower-case letters, digits and dashes that starts with a letter';

/** What a name is expected to be, for the messages about names that are keys. */
export const nameMessage = `expected ${nameWanted}`;

const name = text(namePattern, nameWanted);

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
  context: folderInside('the folder of the registry file'),
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
   * cannot run twice, and nobody answers in between. `worker`: it gets no traffic; see `overlap`.
   */
  strategy: z
    .enum(['blue-green', 'recreate', 'worker'], wanted('"blue-green", "recreate" or "worker"'))
    .default('blue-green'),
  /** Whether the next version of a worker starts before the one before has ended; true by default. */
  overlap: z.boolean(wanted('true or false')).optional(),
  /** How its requests are passed on, where nginx does that. */
  proxy: passingSchema.optional(),
  /** Which requests its canaries get. */
  canary: canaryRuleSchema.optional(),
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

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What differs in one environment; the merged service is checked, not this part alone. */
export type ServiceOverride<ServiceShape = z.input<typeof serviceSchema>> = DeepPartial<ServiceShape>;

export const environmentSchema = object({
  /** `embedded`: processes on this machine; `docker`: containers. */
  runtime: z.enum(['embedded', 'docker'], wanted('"embedded" or "docker"')),
  proxy: proxySchema,
  /** For containers only. */
  images: environmentImagesSchema.optional(),
  /** For containers only. */
  network: networkSchema.optional(),
  /** So long the version before stays warm after a switch, and gets its traffic back when the new one is worse. */
  bakeMs: milliseconds(0).default(0),
  /** What is tried out before all traffic moves. */
  canary: canarySchema.optional(),
  /** What is worse, for both. */
  limits: limitsSchema.optional(),
  /** Needed as soon as a service needs a secret. */
  secrets: secretsSchema.optional(),
  /** Folder of the environment's state, relative to the registry file; `.maestro/<environment>` by default. */
  state: folderInside('the folder of the registry file').optional(),
  /** Environment variables of all services; a service's own win. */
  environment: variables,
  /** What differs for a service in this environment. */
  services: z
    .record(
      z.string(),
      z.custom<ServiceOverride>(isRecord, wanted('an object with what differs for the service')),
      wanted('an object with a key for each service that differs'),
    )
    .default({}),
});

export const registrySchema = object({
  project: name,
  /** Images that several Dockerfiles start from, by name. */
  bases: z.record(z.string(), baseSchema, wanted('an object with a key for each base image')).default({}),
  services: z.record(z.string(), serviceSchema, wanted('an object with a key for each service')),
  environments: z.record(z.string(), environmentSchema, wanted('an object with a key for each environment')),
});

/** A registry as it is checked, with the defaults of everything that was left out. */
export type Registry = z.output<typeof registrySchema>;
export type Service = z.output<typeof serviceSchema>;
export type Base = z.output<typeof baseSchema>;
export type EnvironmentDefinition = z.output<typeof environmentSchema>;

function startsWithProgram([program]: readonly string[]): boolean {
  return program !== undefined && program !== '';
}
