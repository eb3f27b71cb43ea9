import type { z } from 'zod';

import type { baseSchema } from './images-schema.ts';
import type { environmentSchema, serviceSchema, ServiceOverride } from './registry-schema.ts';

/** A service as it is written; `Names` are the services it may depend on. */
export type ServiceInput<Names extends string = string> = Omit<z.input<typeof serviceSchema>, 'dependsOn'> & {
  /** Services that must be ready before this one starts. */
  dependsOn?: Names[] | undefined;
};

/** An environment as it is written; `Names` are the services it may change. */
export type EnvironmentInput<Names extends string = string> = Omit<z.input<typeof environmentSchema>, 'services'> & {
  /** What differs for a service in this environment. */
  services?: Partial<Record<Names, ServiceOverride<ServiceInput<Names>>>> | undefined;
};

/** A registry as it is written in `maestro.config.ts`. */
export interface RegistryInput<Names extends string = string> {
  project: string;
  /** Images that several Dockerfiles start from: `node-base` is `<project>-node-base` there. */
  bases?: Record<string, z.input<typeof baseSchema>> | undefined;
  services: Record<Names, ServiceInput<NoInfer<Names>>>;
  environments: Record<string, EnvironmentInput<NoInfer<Names>>>;
}

/** Gives a registry its type, so that editors complete and check it, names of services included. */
export function defineRegistry<Names extends string>(registry: RegistryInput<Names>): RegistryInput<Names> {
  return registry;
}
