import { posix, relative } from 'node:path';

import type { Slot } from '@maestro/bluegreen';

import type { ServiceDefinition } from './release-definition.ts';

/** Where containers have the data of their service. */
export const dataFolder = '/data';

export interface InstanceVariablesInput {
  readonly release: string;
  /** Null for a job. */
  readonly slot: Slot | null;
  readonly service: ServiceDefinition;
  /** Where other services are reached, by name: addresses that stay through every switch. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** The variables of an instance besides its secrets and its own HOST and PORT; the service's own come last and win. */
export function instanceVariables(input: InstanceVariablesInput): Readonly<Record<string, string>> {
  const { release, slot, service, addresses } = input;
  const others = Object.entries(addresses).filter(([name]) => name !== service.name);
  return {
    MAESTRO_RELEASE: release,
    MAESTRO_REVISION: service.revision,
    MAESTRO_SERVICE: service.name,
    ...(slot === null ? {} : { MAESTRO_SLOT: slot }),
    ...Object.fromEntries(others.map(([name, url]) => [`${name.toUpperCase().replaceAll('-', '_')}_URL`, url])),
    ...databaseVariable(service.database),
    ...service.environment,
  };
}

/** A database whose URL is a secret is told to the service as that secret, where it has it. */
function databaseVariable(database: ServiceDefinition['database']): Readonly<Record<string, string>> {
  if (database === null) return {};
  if (database.adapter === 'sqlite') {
    const { file, mountedFolder, variable } = database;
    return { [variable]: mountedFolder === undefined ? file : posix.join(dataFolder, relative(mountedFolder, file)) };
  }
  const { adapter, address } = database;
  if ('urlSecret' in address) return {};
  const { host, port, user, variable } = address;
  const place = `${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(address.database)}`;
  return { [variable]: `${adapter}://${place}` };
}
