import { resolve } from 'node:path';

import type { ResolvedService } from '../resolve-environment.ts';
import { databaseSecrets } from '../resolve-database.ts';
import type { AffectedKind, AffectedQuery } from './affected-services.ts';

/** Files and folders that a service is made of. */
export interface ServiceInput {
  readonly kind: AffectedKind;
  /** What stands before the file that changed; empty where that says enough. */
  readonly label: string;
  /** Absolute. */
  readonly paths: readonly string[];
}

/** All that a service is made of, by the registry; what only containers need is left out where there are none. */
export function inputsOf(
  service: ResolvedService,
  { environment, basesOf }: Pick<AffectedQuery, 'basesOf' | 'environment'>,
): readonly ServiceInput[] {
  const { runtime, root, secrets, bases } = environment;
  const { contextFolder, image, sharedPaths } = service;
  const input = (kind: AffectedKind, label: string, paths: readonly string[]): ServiceInput => ({ kind, label, paths });
  const built = runtime === 'docker' ? image : null;
  return [
    // Migrations are read from the service's own folder, whatever its image is built of.
    input('context', '', built === null ? [contextFolder] : [contextFolder, built.contextFolder]),
    input('dockerfile', '', built === null ? [] : dockerfilePaths(built.dockerfile)),
    ...(built === null ? [] : bases)
      .filter(({ name }) => basesOf?.[service.name]?.includes(name) ?? true)
      .map((base) =>
        input('base', `base image ${base.name}: `, [base.contextFolder, ...dockerfilePaths(base.dockerfile)]),
      ),
    input(
      'shared',
      'shared ',
      sharedPaths.map((path) => resolve(root, path)),
    ),
    input('secrets', '', secrets?.source === 'dotenv' && needsSecrets(service) ? [secrets.file] : []),
  ];
}

/** With the ignore file that a Dockerfile may have of its own. */
function dockerfilePaths(dockerfile: string): readonly string[] {
  return [dockerfile, `${dockerfile}.dockerignore`];
}

function needsSecrets({ secrets, database }: ResolvedService): boolean {
  return secrets.length > 0 || databaseSecrets(database).length > 0;
}
