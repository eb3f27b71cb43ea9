import type { Clock, Logger, Redacted } from '@maestro/core';

import type {
  CreateSecretOptions,
  MoveStageOptions,
  PutSecretOptions,
  SecretDescription,
  StoreCallOptions,
  WriteSecretOptions,
  WrittenSecret,
} from '../../ports/managed-secret-store.ts';
import type { RotatingSecretStore } from '../../ports/rotating-secret-store.ts';
import type { FetchedSecrets, FetchSecretsOptions } from '../../ports/secret-store.ts';
import { startServiceRotation } from './aws-rotation.ts';
import { AwsSecretWriter } from './aws-secret-writer.ts';
import { FailoverReader } from './failover-reader.ts';
import { SecretNames } from './secret-names.ts';
import type { SecretsManagerApi } from './secrets-manager-api.ts';
import { ServiceCalls } from './service-calls.ts';

export interface AwsSecretStoreOptions {
  readonly regions: readonly [string, ...string[]];
  readonly prefix: string;
  readonly deadlineMs: number;
  readonly open: (region: string) => Promise<SecretsManagerApi>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The store on whatever has the service's interface: reads where an answer is to be had, writes in the first region. */
export class AwsSecretStore implements RotatingSecretStore, AsyncDisposable {
  readonly name: string;
  readonly #calls: readonly [ServiceCalls, ...ServiceCalls[]];
  readonly #reader: FailoverReader;
  readonly #writer: AwsSecretWriter;
  readonly #startRotation: RotatingSecretStore['startRotation'];

  constructor({ regions, prefix, deadlineMs, open, clock, logger }: AwsSecretStoreOptions) {
    const callsIn = (region: string) => new ServiceCalls({ region, open: () => open(region), clock });
    const [first, ...others] = regions;
    const names = new SecretNames(prefix);
    this.name = `AWS Secrets Manager in ${first}`;
    this.#calls = [callsIn(first), ...others.map(callsIn)];
    this.#reader = new FailoverReader({ calls: this.#calls, names, deadlineMs, clock, logger });
    const writing = { calls: this.#calls[0], names, store: this.name, deadlineMs, clock };
    this.#writer = new AwsSecretWriter(writing);
    this.#startRotation = (name, options) =>
      startServiceRotation({ ...writing, describe: this.#writer.describe.bind(this.#writer) }, name, options);
  }

  fetch(names: readonly string[], options?: FetchSecretsOptions): Promise<FetchedSecrets> {
    return this.#reader.fetch(names, options);
  }

  list(options?: StoreCallOptions): Promise<readonly SecretDescription[]> {
    return this.#writer.list(options);
  }

  describe(name: string, options?: StoreCallOptions): Promise<SecretDescription | undefined> {
    return this.#writer.describe(name, options);
  }

  create(name: string, value: Redacted, options?: CreateSecretOptions): Promise<WrittenSecret> {
    return this.#writer.create(name, value, options);
  }

  put(name: string, value: Redacted, options?: PutSecretOptions): Promise<WrittenSecret> {
    return this.#writer.put(name, value, options);
  }

  moveStage(name: string, options: MoveStageOptions): Promise<void> {
    return this.#writer.moveStage(name, options);
  }

  restore(name: string, options?: StoreCallOptions): Promise<void> {
    return this.#writer.restore(name, options);
  }

  startRotation(name: string, options?: WriteSecretOptions): Promise<WrittenSecret> {
    return this.#startRotation(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#calls.map((calls) => calls.close()));
  }
}
