import type { Identity, Settings } from './settings.ts';

export interface Versions extends Identity {
  /** Null while template-service does not answer. */
  readonly upstream: Identity | null;
}

const timeoutMs = 2_000;

export async function readVersions({ identity, templateServiceUrl }: Settings): Promise<Versions> {
  try {
    const response = await fetch(new URL('/version', templateServiceUrl), { signal: AbortSignal.timeout(timeoutMs) });
    const upstream = response.ok ? ((await response.json()) as Identity) : null;
    return { ...identity, upstream };
  } catch {
    return { ...identity, upstream: null };
  }
}
