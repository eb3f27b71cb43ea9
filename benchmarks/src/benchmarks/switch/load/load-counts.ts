import { turnedAway } from './connection.ts';

/** What clients of one kind saw. */
interface KindCounts {
  readonly requests: number;
  readonly failed: number;
}

/** What all clients saw. No client sent anything twice. */
export interface LoadReport {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Requests that failed before the server began them, as it said. */
  readonly turnedAway: number;
  /** By what was asked for and how, such as `POST, HTTP/2`. */
  readonly kinds: Readonly<Record<string, KindCounts>>;
  /** How many failed in which way, such as `ECONNRESET` or `status 502`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests on a connection that had been silent since the one before, for any time up to the plan's. */
  readonly reusedAfterIdle: number;
}

/** Counts as requests go. */
export class LoadCounts {
  readonly #start = performance.now();
  #seconds = 0;
  readonly #kinds: Record<string, { requests: number; failed: number }> = {};
  readonly #failures: Record<string, number> = {};
  #reusedAfterIdle = 0;
  #turnedAway = 0;

  sent(kind: string): void {
    this.#of(kind).requests += 1;
  }

  failed(kind: string, failure: string): void {
    if (failure === turnedAway) {
      this.#turnedAway += 1;
      return;
    }
    this.#of(kind).failed += 1;
    this.#failures[failure] = (this.#failures[failure] ?? 0) + 1;
  }

  reusedAfterIdle(): void {
    this.#reusedAfterIdle += 1;
  }

  /** To be called when no more requests are sent, but for those that are waited for. */
  stopped(): void {
    this.#seconds = (performance.now() - this.#start) / 1000;
  }

  report(): LoadReport {
    const kinds = Object.values(this.#kinds);
    return {
      seconds: this.#seconds,
      requests: kinds.reduce((sum, { requests }) => sum + requests, 0),
      failed: kinds.reduce((sum, { failed }) => sum + failed, 0),
      turnedAway: this.#turnedAway,
      kinds: this.#kinds,
      failures: this.#failures,
      reusedAfterIdle: this.#reusedAfterIdle,
    };
  }

  #of(kind: string) {
    return (this.#kinds[kind] ??= { requests: 0, failed: 0 });
  }
}
