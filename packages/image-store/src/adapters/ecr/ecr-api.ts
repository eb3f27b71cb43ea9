import { ECRClient } from '@aws-sdk/client-ecr';
import { type Clock, isMaestroError, withDeadline } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { ecrFailure } from './ecr-errors.ts';
import type { EcrRegistry } from './ecr-registry.ts';

export interface EcrApiOptions extends Pick<EcrRegistry, 'region' | 'fips' | 'dualStack'> {
  readonly endpoint: string | undefined;
  readonly clock: Clock;
}

export interface EcrRequest<T> extends Cancellable {
  /** `CreateRepository` */
  readonly action: string;
  readonly send: (client: ECRClient, options: { readonly abortSignal: AbortSignal }) => Promise<T>;
}

const deadlineMs = 30_000;

/** Speaks with AWS as whom its usual chain finds: environment, profile, single sign-on, the machine's role. */
export class EcrApi {
  readonly #options: EcrApiOptions;
  readonly #client: ECRClient;

  constructor(options: EcrApiOptions) {
    const { region, fips, dualStack, endpoint } = options;
    this.#options = options;
    this.#client = new ECRClient({
      region,
      useFipsEndpoint: fips,
      useDualstackEndpoint: dualStack,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  get region(): string {
    return this.#options.region;
  }

  /**
   * Sends one request, and again where AWS's client finds that this may help. Throws `IMAGE_STORE_CREDENTIALS`,
   * `IMAGE_STORE_DENIED`, `IMAGE_STORE_UNREACHABLE`, and `IMAGE_STORE_UNEXPECTED_ANSWER` with AWS's name in `details.aws`.
   */
  async ask<T>({ action, send, signal }: EcrRequest<T>): Promise<T> {
    const { clock } = this.#options;
    return withDeadline((abortSignal) => this.#translated(action, send(this.#client, { abortSignal })), {
      deadlineMs,
      clock,
      signal,
      onExpired: () => this.#noAnswer(action),
    });
  }

  async #translated<T>(action: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw ecrFailure(error, { action, region: this.region, secrets: await this.#secrets() });
    }
  }

  async #secrets(): Promise<readonly string[]> {
    try {
      const { accessKeyId, secretAccessKey, sessionToken } = await this.#client.config.credentials();
      return [accessKeyId, secretAccessKey, sessionToken ?? ''].filter((secret) => secret !== '');
    } catch {
      return [];
    }
  }

  #noAnswer(action: string): ImageStoreError {
    const { region } = this;
    const message = `ecr:${action} in ${region}: expected an answer within ${deadlineMs} ms`;
    return new ImageStoreError('IMAGE_STORE_UNREACHABLE', message, {
      hint: `try it from this machine: aws ecr describe-registry --region ${region}`,
      details: { action, region },
      retryable: true,
    });
  }
}

/** AWS's own name of what went wrong; undefined for anything else. */
export function awsErrorIn(error: unknown): string | undefined {
  const name = isMaestroError(error) ? error.details?.aws : undefined;
  return typeof name === 'string' ? name : undefined;
}
