import type { PreparedSecrets } from '@maestro/secrets';

import { prepareObtainable } from './obtainable-secrets.ts';
import type { Parts } from './parts.ts';

/** What a release has to say of the secrets at a place. */
export type ReleasedSecrets =
  /** No release has started anything there. */
  | { readonly state: 'unknown' }
  /** It gets them when it is started again. */
  | { readonly state: 'stopped' }
  | { readonly state: 'running'; readonly prepared: PreparedSecrets | null };

export interface ReleasedPlace {
  readonly service: string;
  readonly slot: string | null;
}

/** By place, as the instances are now: the secrets of what runs there, in the versions of its release where there are. */
export async function releasedSecrets(
  parts: Pick<Parts, 'blueGreen' | 'clock' | 'definitions' | 'logger' | 'secrets'>,
  signal: AbortSignal | undefined,
): Promise<(place: ReleasedPlace) => Promise<ReleasedSecrets>> {
  const { instances } = await parts.blueGreen().observe({ signal });
  return async ({ service, slot }) => {
    const instance = instances.find((one) => one.service === service && one.slot === slot);
    if (instance === undefined) return { state: 'unknown' };
    if (instance.state === 'stopped') return { state: 'stopped' };
    const { services } = await parts.definitions.read(instance.release);
    const definition = services.find(({ name }) => name === service);
    const prepared = definition === undefined ? null : await prepareObtainable(parts, definition, signal);
    return { state: 'running', prepared };
  };
}
