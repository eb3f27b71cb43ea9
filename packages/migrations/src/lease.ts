import type { Clock } from '@maestro/core';

export interface LeaseOptions {
  /** Prolongs it; false when it is somebody else's by now. */
  readonly renew: () => Promise<boolean>;
  readonly leaseMs: number;
  readonly clock: Clock;
}

/** A lease that is renewed, each third of its time, for as long as its holder lives. */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #stop = new AbortController();
  readonly #renewals: Promise<void>;
  #renewedAt: number;
  #isLost = false;

  /** From the moment on that it was asked for, which is before the moment that it counts from. */
  constructor(askedAt: number, options: LeaseOptions) {
    this.#options = options;
    this.#renewedAt = askedAt;
    this.#renewals = this.#renewUntilStopped();
  }

  /** Whether nobody else can have it at this moment. */
  get isHeld(): boolean {
    const { clock, leaseMs } = this.#options;
    return !this.#isLost && clock.monotonic() < this.#renewedAt + leaseMs;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#renewals;
  }

  async #renewUntilStopped(): Promise<void> {
    const { clock, leaseMs, renew } = this.#options;
    while (this.isHeld) {
      await clock.sleep(leaseMs / 3, this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      const askedAt = clock.monotonic();
      // A renewal that fails is tried again as long as the lease runs.
      const isOurs = await renew().catch(() => undefined);
      if (isOurs === true) this.#renewedAt = askedAt;
      this.#isLost = isOurs === false;
    }
  }
}
