import type { Clock } from '@maestro/core';

/** How long the other side of a connection may do nothing. */
export const answerMs = 30_000;
/** The slowest connection that is still of use. */
export const slowBytesPerMs = 100;

export interface PaceOptions {
  readonly clock: Clock;
  readonly sizeBytes: number;
  /** What the signal aborts with. */
  readonly onExpired: () => Error;
}

/**
 * Ends a transfer, by its signal, in which the other side does nothing for 30 seconds or takes more than 30 seconds and
 * the time for its bytes at 100 kB a second. Only the other side's time counts: whoever gives or takes the bytes on
 * this one may be slow for reasons of its own.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #onExpired: () => Error;
  readonly #expired = new AbortController();
  #leftMs: number;
  #turn: { readonly sinceMs: number; readonly end: AbortController } | undefined;

  constructor({ clock, sizeBytes, onExpired }: PaceOptions) {
    this.#clock = clock;
    this.#onExpired = onExpired;
    this.#leftMs = answerMs + sizeBytes / slowBytesPerMs;
  }

  get signal(): AbortSignal {
    return this.#expired.signal;
  }

  /** From now on the other side is expected to do something. */
  start(): void {
    this.stop();
    const end = new AbortController();
    this.#turn = { sinceMs: this.#clock.monotonic(), end };
    const waited = this.#clock.sleep(Math.max(Math.min(answerMs, this.#leftMs), 0), end.signal);
    waited.then(
      () => {
        this.#expired.abort(this.#onExpired());
      },
      () => undefined,
    );
  }

  /** The other side has done something. */
  stop(): void {
    if (this.#turn === undefined) return;
    this.#leftMs -= this.#clock.monotonic() - this.#turn.sinceMs;
    this.#turn.end.abort();
    this.#turn = undefined;
  }

  /** What the other side sends. */
  async *receiving(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      this.start();
      for await (const chunk of chunks) {
        this.stop();
        yield chunk;
        this.start();
      }
    } finally {
      this.stop();
    }
  }

  /** What the other side takes; after the last of it an answer is expected. */
  async *sending(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    this.stop();
    for await (const chunk of chunks) {
      this.start();
      yield chunk;
      this.stop();
    }
    this.start();
  }
}
