import type { DeploymentLock, LockSighting } from './deployment-lock.ts';

/** The deployment lock of an environment, for who operates it. */
export interface EnvironmentLock {
  /** Who holds it, or went without letting go of it; null where it is free. */
  status(): Promise<LockSighting | null>;
  /**
   * Takes it away from who has abandoned it, and with `living` from whoever holds it; the holder before can no longer switch,
   * and the release that it works on is cut off. Returns whom it was taken from; null for nobody. Throws `ORCHESTRATOR_LOCKED`
   * for a holder that lives, without `living`.
   */
  release(options?: { readonly living?: boolean | undefined }): Promise<LockSighting | null>;
}

export function openEnvironmentLock(lock: DeploymentLock): EnvironmentLock {
  return {
    status: () => lock.look(),
    release: ({ living = false } = {}) => lock.release({ living }),
  };
}
