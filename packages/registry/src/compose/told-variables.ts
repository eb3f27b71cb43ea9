import { posix } from 'node:path';

import type { ResolvedEnvironment, ResolvedService } from '../resolve-environment.ts';

/** Where containers have the data of their service. */
export const dataFolder = '/data';

/** Where containers have their secrets as files. */
export const secretsFolder = '/run/secrets';

/** The variable that tells a service where another one is. */
export function addressVariable(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_URL`;
}

/** Under compose there are no releases. */
const noRelease = { MAESTRO_RELEASE: 'compose', MAESTRO_REVISION: 'compose' };

/** What a deployment tells an instance besides its own variables and its secrets, with the addresses that compose has. */
export function toldVariables(
  service: ResolvedService,
  { services }: Pick<ResolvedEnvironment, 'services'>,
): Readonly<Record<string, string>> {
  const others = services.filter(({ name, strategy }) => name !== service.name && isReached(strategy));
  const isJob = service.strategy.kind === 'job';
  // Nobody reaches a job.
  const place = isJob ? {} : { HOST: '0.0.0.0', PORT: String(service.container?.port ?? '') };
  return {
    ...noRelease,
    MAESTRO_SERVICE: service.name,
    ...(isJob ? {} : { MAESTRO_SLOT: 'blue' }),
    ...Object.fromEntries(
      others.map(({ name, container }) => [addressVariable(name), `http://${name}:${container?.port ?? ''}`]),
    ),
    ...databaseVariable(service.database),
    ...service.environment,
    ...place,
  };
}

/** Whether others can send requests to a service. */
function isReached({ kind }: ResolvedService['strategy']): boolean {
  return kind === 'blue-green' || kind === 'recreate';
}

function databaseVariable(database: ResolvedService['database']): Readonly<Record<string, string>> {
  if (database === null) return {};
  if (database.adapter === 'sqlite') return { [database.variable]: posix.join(dataFolder, posixPath(database.file)) };
  const { adapter, address } = database;
  if ('urlSecret' in address) return {};
  const { host, port, user, variable } = address;
  const place = `${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(address.database)}`;
  return { [variable]: `${adapter}://${place}` };
}

function posixPath(path: string): string {
  return path.replaceAll('\\', '/');
}
