import type { ManagedSecretStore, WriteSecretOptions, WrittenSecret } from './managed-secret-store.ts';

/** A store whose service rotates secrets by itself, with something that was set up for each of them. */
export interface RotatingSecretStore extends ManagedSecretStore {
  /**
   * Has the service begin a rotation, or go on with the one it has begun, and tells the version that it makes. Throws
   * `SECRETS_REJECTED` where the service was not told how this secret is rotated.
   */
  startRotation(name: string, options?: WriteSecretOptions): Promise<WrittenSecret>;
}
