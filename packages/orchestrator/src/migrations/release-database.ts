import { join } from 'node:path';

import type { ResolvedDatabase, ResolvedEnvironment } from '@maestro/registry';

import type { ServiceDefinition } from '../release/release-definition.ts';

/** Where the data of a service is, as a release writes it down: absolute paths, names of secrets, never a value. */
export type ReleaseDatabase = NonNullable<ServiceDefinition['database']>;

/** Without where the sources are: a service is not started anew for that. */
export function releaseDatabase(
  { name, database }: { readonly name: string; readonly database: ResolvedDatabase },
  { runtime, stateFolder }: Pick<ResolvedEnvironment, 'runtime' | 'stateFolder'>,
): ReleaseDatabase {
  const { migrations } = database;
  if (database.adapter === 'sqlite') {
    const { adapter, file, variable } = database;
    if (runtime === 'embedded') return { adapter, file: join(stateFolder, 'data', file), migrations, variable };
    // Containers see the data of their own service only.
    const mountedFolder = join(stateFolder, 'data', name);
    return { adapter, file: join(mountedFolder, file), migrations, variable, mountedFolder };
  }
  const { adapter, address, schema, tls } = database;
  return { adapter, address, schema, tls, migrations };
}
