import type { InstanceSpec, JobSpec, Slot } from '@maestro/bluegreen';
import type { Redacted } from '@maestro/core';

import { dataFolder, instanceVariables } from './instance-variables.ts';
import type { ServiceDefinition } from './release-definition.ts';

export interface InstanceSpecInput {
  readonly release: string;
  readonly slot: Slot;
  readonly service: ServiceDefinition;
  /** Where other services are reached, by name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Redacted>>;
}

/** What a job is called among those of its service: there is one. */
export const jobName = 'run';

/** What a service that runs to its end is started with. */
export function jobSpec(input: Omit<InstanceSpecInput, 'slot'> & { readonly slot: null }): JobSpec {
  const { release, service, secrets } = input;
  const { name, image, digest, configHash, command, container } = service;
  return {
    service: name,
    job: jobName,
    release,
    image,
    digest,
    configHash,
    command,
    environment: instanceVariables(input),
    secrets,
    ...(container === null ? {} : { container: settingsOf(container.settings, service) }),
  };
}

/** What an instance of a service is started with. */
export function instanceSpec({ release, slot, service, addresses, secrets }: InstanceSpecInput): InstanceSpec {
  const { name, image, digest, configHash, command, container } = service;
  return {
    service: name,
    slot,
    release,
    image,
    digest,
    configHash,
    command,
    environment: instanceVariables({ release, slot, service, addresses }),
    secrets,
    ...(container === null
      ? {}
      : { port: container.port, replicas: container.replicas, container: settingsOf(container.settings, service) }),
  };
}

function settingsOf(
  settings: NonNullable<ServiceDefinition['container']>['settings'],
  { database }: ServiceDefinition,
): NonNullable<InstanceSpec['container']> {
  if (database?.adapter !== 'sqlite' || database.mountedFolder === undefined) return settings;
  const data = { kind: 'folder', folder: database.mountedFolder, target: dataFolder } as const;
  return { ...settings, mounts: [...(settings.mounts ?? []), data] };
}
