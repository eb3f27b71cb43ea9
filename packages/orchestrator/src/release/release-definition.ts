import { z } from 'zod';

import { contentHash } from '../plan/content-hash.ts';

const databaseSchema = z.object({
  adapter: z.literal('sqlite'),
  /** Absolute. */
  file: z.string(),
  /** The folder of migrations inside the image. */
  migrations: z.string(),
  /** The variable that tells the service its database. */
  variable: z.string(),
});

const serviceSchema = z.object({
  name: z.string(),
  /** The image repository of the service. */
  repository: z.string(),
  /** `<repository>:<tag>` */
  image: z.string(),
  digest: z.string(),
  revision: z.string(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  /** Version of each secret the service gets, by name; never a value. */
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
});

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
  service: Pick<ServiceDefinition, 'command' | 'environment' | 'secretVersions' | 'database'>,
): string {
  const { command, environment, secretVersions, database } = service;
  return contentHash({ command, environment, secretVersions, database });
}
