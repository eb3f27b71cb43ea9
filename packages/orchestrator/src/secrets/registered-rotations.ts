import {
  databaseSecrets,
  type ResolvedEnvironment,
  type ResolvedRotation,
  type ResolvedServerDatabase,
  selectServices,
} from '@maestro/registry';

import { noDatabase } from '../migrations/errors.ts';
import { noRotation } from './errors.ts';

/** How a secret is rotated: as the registry says for a service's database, or by its Lambda in AWS. */
export type SecretRotation =
  | {
      readonly secret: string;
      readonly service: string;
      readonly database: ResolvedServerDatabase;
      readonly rotation: ResolvedRotation;
    }
  | { readonly secret: string; readonly service: null };

export type RegisteredRotation = Exclude<SecretRotation, { readonly service: null }>;

/** All that the registry says, in the order of its services. */
export function registeredRotations({
  services,
}: Pick<ResolvedEnvironment, 'services'>): readonly RegisteredRotation[] {
  return services.flatMap(({ name, database }) => {
    if (database === null || database.adapter === 'sqlite' || database.rotation === null) return [];
    return [{ secret: database.rotation.secret, service: name, database, rotation: database.rotation }];
  });
}

/**
 * The rotations of the secrets that are named; those of the services' databases, or all that the registry says, where none
 * is. Throws `ORCHESTRATOR_NO_ROTATION` where that is nothing, `ORCHESTRATOR_NO_DATABASE`.
 */
export function wantedRotations(
  environment: ResolvedEnvironment,
  {
    secrets,
    services,
  }: { readonly secrets?: readonly string[] | undefined; readonly services?: readonly string[] | undefined },
): readonly SecretRotation[] {
  const registered = registeredRotations(environment);
  if (secrets !== undefined) {
    return [...new Set(secrets)].map(
      (secret) => registered.find((one) => one.secret === secret) ?? { secret, service: null },
    );
  }
  if (services === undefined) {
    if (registered.length === 0) throw noRotation(environment.name, null);
    return registered;
  }
  return selectServices(environment.services, services).map(({ name, database }) => {
    const own = registered.find(({ service }) => service === name);
    if (own !== undefined) return own;
    throw database === null ? noDatabase(name) : noRotation(environment.name, name);
  });
}

/** What a rotation reads besides the secret that it rotates: who changes passwords, and where. */
export function readByRotation({ database, rotation }: RegisteredRotation): readonly string[] {
  const { address } = database;
  const place = 'urlSecret' in address ? [address.urlSecret] : [];
  return [
    ...new Set([
      ...place,
      ...(rotation.adminSecret === undefined ? databaseSecrets(database) : [rotation.adminSecret]),
    ]),
  ];
}
