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

/** Undefined for a registry that is whole by itself. */
type Include = string[] | undefined;

/** What is included has services, too: any name may be one of theirs, and what stands here may be a part of one. */
type KnownNames<Names extends string, Included extends Include> =
  Names | (Included extends string[] ? string & {} : never);

type WholeOrPart<Whole, Included extends Include> = Included extends string[] ? ServiceOverride<Whole> : Whole;

interface WrittenRegistry<Names extends string, Known extends string, Included extends Include> {
  project?: string | undefined;
  /** Registries whose services, bases, defaults and environments are here, too; relative to the registry file. */
  include?: Included;
  /** The folder of what is named `central:<name>`, `<name>/Dockerfile` in it; relative to the registry file. */
  dockerfiles?: string | undefined;
  /** What all services start from: a service's own keys win over it, and those of an environment over both. */
  defaults?: ServiceOverride<ServiceInput<Known>> | undefined;
  /** Images that several Dockerfiles start from: `node-base` is `<project>-node-base` there. */
  bases?: Record<string, z.input<typeof baseSchema>> | undefined;
  services?: Record<Names, WholeOrPart<ServiceInput<Known>, Included>>;
  environments?: Record<string, WholeOrPart<EnvironmentInput<Known>, Included>>;
}

/** What nobody else says where nothing is included. */
type WholeKeys = 'environments' | 'project' | 'services';

/** A registry as it is written in `maestro.config.ts`; `Included` are the registries that it adds to. */
export type RegistryInput<Names extends string = string, Included extends Include = undefined> = WrittenRegistry<
  Names,
  KnownNames<NoInfer<Names>, Included>,
  Included
> &
  (Included extends string[] ? unknown : Required<Pick<WrittenRegistry<Names, NoInfer<Names>, undefined>, WholeKeys>>);

/** Gives a registry its type, so that editors complete and check it, names of services included. */
export function defineRegistry<Names extends string, Included extends Include = undefined>(
  registry: RegistryInput<Names, Included>,
): RegistryInput<Names, Included> {
  return registry;
}
