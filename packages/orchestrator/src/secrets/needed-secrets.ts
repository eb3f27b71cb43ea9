import { databaseSecrets, type ResolvedEnvironment, selectServices } from '@maestro/registry';

/** A service and every secret that a deployment of it needs: its own, and those that its database is reached with. */
export interface NeedingService {
  readonly name: string;
  readonly secrets: readonly string[];
}

/** Of the named services, or all; those that need none are not among them. */
export function needingServices(
  { services }: ResolvedEnvironment,
  names?: readonly string[],
): readonly NeedingService[] {
  return selectServices(services, names)
    .map(({ name, secrets, database }) => ({
      name,
      secrets: [...new Set([...secrets, ...databaseSecrets(database)])],
    }))
    .filter(({ secrets }) => secrets.length > 0);
}

export function namesOf(services: readonly NeedingService[]): readonly string[] {
  return [...new Set(services.flatMap(({ secrets }) => secrets))];
}
