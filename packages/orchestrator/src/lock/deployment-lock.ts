/** Who holds the right to change an environment. */
export interface LockHolder {
  /** `user@machine (pid 123)` */
  readonly holder: string;
  /** ISO 8601. */
  readonly since: string;
  /** What for: `deploy 01J…`. */
  readonly purpose: string;
}

/** The lock as it is found, with what tells a living holder from one that is gone. */
export interface LockSighting extends LockHolder {
  /** Grows with each holder. */
  readonly token: number;
  /** ISO 8601. */
  readonly renewedAt: string;
  /** `abandoned`: its lease ran out, or its process on this machine has ended; the next deployer takes it. */
  readonly state: 'held' | 'abandoned';
  /** Until it counts as abandoned, unless it is renewed; 0 where it does. */
  readonly leaseLeftMs: number;
}

/** The right to change an environment, until it is disposed of or taken over. */
export interface HeldLock extends AsyncDisposable {
  /** Grows with each holder, so that a later holder's acts can be told from an earlier one's. */
  readonly token: number;
  /** Throws `ORCHESTRATOR_LOCK_LOST` once somebody else holds it; synchronous, to stand right before an act. */
  assertHeld(): void;
}

/** Lets one deployer at a time change an environment. */
export interface DeploymentLock {
  /** Throws `ORCHESTRATOR_LOCKED` at once where somebody else holds it, `ORCHESTRATOR_STATE_UNWRITABLE` on a full disk. */
  acquire(purpose: string): Promise<HeldLock>;
  /** Who holds it now; null for nobody. */
  holder(): Promise<LockHolder | null>;
  /** The same, and who has abandoned it; null where it was let go of. */
  look(): Promise<LockSighting | null>;
  /**
   * Takes the lock away from whoever has abandoned it, with `living` also from who holds it, and leaves it free. The holder
   * before is fenced at once. Returns whom it was taken from; null for nobody. Throws `ORCHESTRATOR_LOCKED`.
   */
  release(options: { readonly living: boolean }): Promise<LockSighting | null>;
}
