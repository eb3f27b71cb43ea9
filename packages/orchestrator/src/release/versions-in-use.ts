import type { Parts } from './parts.ts';

/** The versions of a secret that the environment's instances run with, by the releases that started them. */
export async function versionsInUse(
  { blueGreen, definitions }: Pick<Parts, 'blueGreen' | 'definitions'>,
  secret: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { instances } = await blueGreen().observe({ signal });
  const versions = await Promise.all(
    instances
      .filter(({ state }) => state !== 'stopped')
      .map(async ({ release, service }) => {
        const { services } = await definitions.read(release);
        return services.find(({ name }) => name === service)?.secretVersions[secret];
      }),
  );
  return [...new Set(versions.filter((version) => version !== undefined))];
}
