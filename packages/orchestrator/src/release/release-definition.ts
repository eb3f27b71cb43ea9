import { z } from 'zod';

import { contentHash } from '../plan/content-hash.ts';

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
    command: z.array(z.string()).min(1),
    environment: z.record(z.string(), z.string()),
    /** Names of the secrets the service gets. */
    secrets: z.array(z.string()),
    /** Version of each of them and of each that these refer to, by name; never a value. */
    secretVersions: z.record(z.string(), z.string()),
    database: databaseSchema.nullable(),
    route: z.object({ host: z.string().nullable(), path: z.string() }).nullable(),
    health: z.object({
      path: z.string(),
      timeoutMs: z.number(),
      intervalMs: z.number(),
      deadlineMs: z.number(),
    }),
    dependsOn: z.array(z.string()),
    drainTimeoutMs: z.number(),
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
});

/** One release as it is written down before anything is done: what `resume` finishes and a rollback returns to. */
export type ReleaseDefinition = z.infer<typeof definitionSchema>;

/** Identity of what a process is started with besides its image; two equal hashes need no restart. */
export function configHashOf(
  service: Pick<ServiceDefinition, 'command' | 'environment' | 'secrets' | 'secretVersions' | 'database'>,
): string {
  const { command, environment, secrets, secretVersions, database } = service;
  return contentHash({ command, environment, secrets, secretVersions, database });
}

/** Releases were written down without the names while there were no versions but theirs. */
function withSecretNames(service: unknown): unknown {
  if (typeof service !== 'object' || service === null || 'secrets' in service) return service;
  const { secretVersions } = service as { readonly secretVersions?: object };
  return { ...service, secrets: Object.keys(secretVersions ?? {}) };
}
