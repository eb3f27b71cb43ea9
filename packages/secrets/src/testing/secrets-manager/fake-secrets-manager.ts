import { randomUUID } from 'node:crypto';

import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import { AwsSecretStore } from '../../adapters/aws/aws-secret-store.ts';
import type { RotatingSecretStore } from '../../ports/rotating-secret-store.ts';
import { FakeService } from './fake-service.ts';
import { KeptSecret } from './kept-secret.ts';
import { notFound } from './service-error.ts';

export interface FakeSecretsManagerOptions {
  /** `eu-central-1` by default. */
  readonly region?: string | undefined;
  /** Has the secrets of another one, and troubles of its own. */
  readonly replicaOf?: FakeSecretsManager | undefined;
  /** Answers of a batch that come at once, the others on further pages; all by default. */
  readonly pageSize?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** AWS's name of an error, or that the connection fails, or that no answer comes. */
export type OrderedError =
  | 'ThrottlingException'
  | 'InternalServiceError'
  | 'AccessDeniedException'
  | 'ExpiredTokenException'
  | 'unreachable'
  | 'silent';

export interface OrderedFailure {
  readonly error: OrderedError;
  /** `BatchGetSecretValue`; every action by default. */
  readonly action?: string | undefined;
  /** For so many calls; until `heal` by default. */
  readonly times?: number | undefined;
}

/** What keeps one secret from being read while others are. */
export type SecretRefusal = 'AccessDeniedException' | 'DecryptionFailure' | 'InternalServiceError';

export interface RecordedCall {
  readonly action: string;
  /** The secrets that it is about. */
  readonly ids: readonly string[];
}

/** What a Lambda does. When one of them fails the rotation stays unfinished, until it is asked for again. */
export interface RotationLambda {
  /** Makes the next value of the one that is current. */
  readonly create: (current: string) => string;
  /** Makes it valid where it is used. */
  readonly set?: ((value: string) => Promise<void>) | undefined;
}

export interface FakeStoreOptions {
  readonly prefix?: string | undefined;
  readonly replicas?: readonly FakeSecretsManager[] | undefined;
  /** 20 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * AWS Secrets Manager in memory, as strict as the service: 20 ids a batch and their errors one by one, 65 536 bytes a
 * value, labels that move as there, tokens that work once, deletion that is pending; and troubles to order.
 */
export class FakeSecretsManager {
  readonly region: string;
  /** What was asked for, in order. */
  readonly calls: RecordedCall[] = [];
  readonly #secrets: Map<string, KeptSecret>;
  readonly #clock: Clock;
  readonly #failures: { readonly failure: OrderedFailure; left: number }[] = [];
  readonly #refusals = new Map<string, SecretRefusal>();
  readonly #lambdas = new Map<string, (secret: KeptSecret, version: string) => void>();
  readonly #pageSize: number;

  constructor({
    region = 'eu-central-1',
    replicaOf,
    pageSize = 20,
    clock = systemClock,
  }: FakeSecretsManagerOptions = {}) {
    this.region = region;
    this.#secrets = replicaOf === undefined ? new Map<string, KeptSecret>() : replicaOf.#secrets;
    this.#pageSize = pageSize;
    this.#clock = clock;
  }

  /** A store on it, with the adapter that the real service has. */
  store(options: FakeStoreOptions = {}): RotatingSecretStore & AsyncDisposable {
    const { prefix = '', replicas = [], deadlineMs = 20_000, logger = silentLogger, clock = this.#clock } = options;
    const regions = new Map([this as FakeSecretsManager, ...replicas].map((fake) => [fake.region, fake]));
    const open = (region: string) => Promise.resolve((regions.get(region) ?? this).service());
    const names = [this.region, ...replicas.map(({ region }) => region)] as const;
    return new AwsSecretStore({ regions: names, prefix, deadlineMs, open, logger, clock });
  }

  /** Its interface, as AWS's client has it. */
  service(): FakeService {
    return new FakeService({
      region: this.region,
      secrets: this.#secrets,
      pageSize: this.#pageSize,
      refusalOf: (name) => this.#refusals.get(name),
      lambdaOf: (name) => this.#lambdas.get(name),
      receive: (call) => this.#receive(call),
    });
  }

  /** Adds a version and makes it the current one, whether or not the secret was there; returns the version. */
  set(name: string, value: string | Uint8Array): string {
    const secret = this.#secrets.get(name) ?? new KeptSecret(name, undefined, new Map());
    this.#secrets.set(name, secret);
    return secret.put(randomUUID(), value, ['AWSCURRENT']);
  }

  /** Marks a secret for deletion. */
  delete(name: string): void {
    const secret = this.#secrets.get(name);
    if (secret === undefined) throw notFound();
    secret.deletedAt = new Date(this.#clock.now());
  }

  /** Gives a secret a Lambda that rotates it, at some time after it was asked to. */
  rotateBy(name: string, lambda: RotationLambda): void {
    this.#lambdas.set(name, (secret, version) => {
      void rotate(secret, version, lambda).catch(() => undefined);
    });
  }

  /** Makes calls fail. */
  fail(failure: OrderedFailure): void {
    this.#failures.push({ failure, left: failure.times ?? Infinity });
  }

  /** Makes one secret fail, in a batch beside others that do not. */
  refuse(name: string, refusal: SecretRefusal): void {
    this.#refusals.set(name, refusal);
  }

  /** Ends what `fail` and `refuse` began. */
  heal(): void {
    this.#failures.length = 0;
    this.#refusals.clear();
  }

  /** Records a call and tells whether it is to fail. */
  #receive(call: RecordedCall): OrderedError | undefined {
    this.calls.push(call);
    const order = this.#failures.find(
      ({ failure, left }) => left > 0 && (failure.action ?? call.action) === call.action,
    );
    if (order === undefined) return undefined;
    order.left -= 1;
    return order.failure.error;
  }
}

async function rotate(secret: KeptSecret, version: string, { create, set }: RotationLambda): Promise<void> {
  await Promise.resolve();
  const current = secret.version(undefined, 'AWSCURRENT');
  if (!secret.hasVersion(version)) secret.put(version, create(String(current.value)), ['AWSPENDING']);
  await set?.(String(secret.version(version, undefined).value));
  secret.move('AWSCURRENT', version, current.id);
}
