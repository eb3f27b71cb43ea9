import { type Clock, withDeadline } from '@maestro/core';

import { type AwsError, awsFailure } from './aws-errors.ts';
import type { Call, SecretsManagerApi } from './secrets-manager-api.ts';

export interface ServiceCallsOptions {
  readonly region: string;
  /** Called when the service is first needed, and again if that failed. */
  readonly open: () => Promise<SecretsManagerApi>;
  readonly clock: Clock;
}

export interface Question<T> {
  /** `BatchGetSecretValue` */
  readonly action: string;
  readonly send: (api: SecretsManagerApi, call: Call) => Promise<T>;
  /** When all attempts together have to be over, in the clock's monotonic time. */
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
}

/** An address that swallows packets answers never, and a second attempt may find another one. */
const attemptMs = 5000;
const firstPauseMs = 100;
const longestPauseMs = 3000;

/** Calls to the service in one region, repeated while that may help. */
export class ServiceCalls {
  readonly region: string;
  readonly #options: ServiceCallsOptions;
  #api: Promise<SecretsManagerApi> | undefined;

  constructor(options: ServiceCallsOptions) {
    this.region = options.region;
    this.#options = options;
  }

  /**
   * Sends one request until it is answered, otherwise than that it was too much or that the service is not well. Throws
   * `SECRETS_UNAVAILABLE` once the time is over, `SECRETS_CREDENTIALS`, `SECRETS_DENIED`, and `SECRETS_REJECTED` with AWS's
   * name in `details.aws`.
   */
  async ask<T>(question: Question<T>): Promise<T> {
    const { action, until, signal: outer } = question;
    const { clock } = this.#options;
    const deadlineMs = Math.max(0, until - clock.monotonic());
    let last = this.#failure(action, timeout());
    return withDeadline(
      async (signal) => {
        for (let attempt = 0; ; attempt += 1) {
          try {
            return await this.#attempt(question, signal);
          } catch (error) {
            signal.throwIfAborted();
            last = this.#failure(action, error);
            if (!last.retryable) throw last;
            await clock.sleep(pauseMs(attempt), signal);
          }
        }
      },
      { deadlineMs, clock, signal: outer, onExpired: () => last },
    );
  }

  async close(): Promise<void> {
    const api = this.#api;
    this.#api = undefined;
    (await api?.catch(() => undefined))?.destroy();
  }

  async #attempt<T>({ send }: Question<T>, outer: AbortSignal): Promise<T> {
    const { clock } = this.#options;
    const api = await this.#opened();
    return withDeadline((abortSignal) => send(api, { abortSignal }), {
      deadlineMs: attemptMs,
      clock,
      signal: outer,
      onExpired: timeout,
    });
  }

  #opened(): Promise<SecretsManagerApi> {
    this.#api ??= this.#options.open().catch((error: unknown) => {
      this.#api = undefined;
      throw error;
    });
    return this.#api;
  }

  #failure(action: string, error: unknown): AwsError {
    return awsFailure(error, { action, region: this.region });
  }
}

/** Anything up to a limit that doubles: clients that were refused together must not come back together. */
function pauseMs(attempt: number): number {
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
}

function timeout(): Error {
  return new DOMException('no answer', 'TimeoutError');
}
