import { type Clock, poll, systemClock } from '@maestro/core';

import type { RotatingSecretStore } from '../ports/rotating-secret-store.ts';
import { serviceRotationTimedOut } from './errors.ts';

export interface RotateByServiceOptions {
  readonly store: RotatingSecretStore;
  /** Of the secret. */
  readonly name: string;
  /** Makes the repetitions of a call one rotation: a UUID, which becomes the version. A new one by default. */
  readonly token?: string | undefined;
  /** How long the service may take; 300 000 by default. */
  readonly deadlineMs?: number | undefined;
  /** Between two looks at the secret; 2000 by default. */
  readonly intervalMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has the store's service rotate a secret, and waits until readers get the new version, or did in between. Throws
 * `SECRETS_REJECTED` where nothing was set up that rotates it, `SECRETS_UNAVAILABLE` after `deadlineMs`, and what the store
 * throws.
 */
export async function rotateByService(options: RotateByServiceOptions): Promise<{ readonly version: string }> {
  const { store, name, token, deadlineMs = 300_000, intervalMs = 2000, clock = systemClock, signal } = options;
  const { version } = await store.startRotation(name, { token, signal });
  const { accepted } = await poll({
    probe: async (signal) => (await store.describe(name, { signal }))?.stages,
    accept: (stages) => stages?.current === version || stages?.previous === version,
    intervalMs,
    deadlineMs,
    clock,
    signal,
  });
  if (!accepted) throw serviceRotationTimedOut(store.name, name, version, deadlineMs);
  return { version };
}
