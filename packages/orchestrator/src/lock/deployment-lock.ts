/** Who holds the right to change an environment. */
export interface LockHolder {
  /** `user@machine (pid 123)` */
  readonly holder: string;
  /** ISO 8601. */
  readonly since: string;
  /** What for: `deploy 01J…`. */
  readonly purpose: string;
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
}
