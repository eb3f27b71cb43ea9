import { join } from 'node:path';

import type { ResolvedDatabase, ResolvedEnvironment } from '@maestro/registry';

import type { ServiceDefinition } from '../release/release-definition.ts';

/** Where the data of a service is, as a release writes it down: absolute paths, names of secrets, never a value. */
export type ReleaseDatabase = NonNullable<ServiceDefinition['database']>;

/** Without where the sources are: a service is not started anew for that. */
export function releaseDatabase(
  database: ResolvedDatabase,
  { stateFolder }: Pick<ResolvedEnvironment, 'stateFolder'>,
): ReleaseDatabase {
  const { migrations } = database;
  if (database.adapter === 'sqlite') {
    const { adapter, file, variable } = database;
    return { adapter, file: join(stateFolder, 'data', file), migrations, variable };
  }
  const { adapter, address, schema, tls } = database;
  return { adapter, address, schema, tls, migrations };
}
