import { type Clock, isMaestroError, type Redacted } from '@maestro/core';

import { conflict, missing, pendingDeletion, rejected, type SecretsErrorCode } from '../../errors.ts';
import type {
  CreateSecretOptions,
  MoveStageOptions,
  PutSecretOptions,
  SecretDescription,
  StoreCallOptions,
  WrittenSecret,
} from '../../ports/managed-secret-store.ts';
import { awsNameIn } from './aws-errors.ts';
import type { SecretNames } from './secret-names.ts';
import type { ListInput, SecretDetails } from './secrets-manager-api.ts';
import type { Question, ServiceCalls } from './service-calls.ts';
import { stageLabels, stagesIn } from './stages.ts';

export interface AwsSecretWriterOptions {
  readonly calls: ServiceCalls;
  readonly names: SecretNames;
  readonly store: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
}

interface Labelled {
  readonly version: string;
  readonly labels: string[];
}

interface Replacement {
  readonly token: string;
  readonly stage: 'current' | 'pending';
  readonly replacing: string | undefined;
}

/** The service's limits. */
const mostBytes = 65_536;
const secretsAPage = 100;
/** So that a list that leads back to itself ends: more than an account may have. */
const mostPages = 5000;

/** Describes and writes secrets. A lost answer is asked for again with the same token, which the service does once. */
export class AwsSecretWriter {
  readonly #options: AwsSecretWriterOptions;

  constructor(options: AwsSecretWriterOptions) {
    this.#options = options;
  }

  async list({ signal }: StoreCallOptions = {}): Promise<readonly SecretDescription[]> {
    const { prefix } = this.#options.names;
    const filters: Pick<ListInput, 'Filters'> = prefix === '' ? {} : { Filters: [{ Key: 'name', Values: [prefix] }] };
    const listed: SecretDescription[] = [];
    let input: ListInput | undefined = { MaxResults: secretsAPage, IncludePlannedDeletion: true, ...filters };
    for (let page = 0; input !== undefined && page < mostPages; page += 1) {
      const asked: ListInput = input;
      const { SecretList = [], NextToken } = await this.#ask('ListSecrets', '', {
        send: (api, call) => api.listSecrets(asked, call),
        signal,
      });
      for (const { SecretVersionsToStages, ...details } of SecretList) {
        listed.push(...this.#described({ ...details, VersionIdsToStages: SecretVersionsToStages }));
      }
      input = NextToken === undefined ? undefined : { ...asked, NextToken };
    }
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async describe(name: string, { signal }: StoreCallOptions = {}): Promise<SecretDescription | undefined> {
    const SecretId = this.#options.names.idOf(name);
    if (SecretId === undefined) return undefined;
    try {
      const details = await this.#ask('DescribeSecret', name, {
        send: (api, call) => api.describeSecret({ SecretId }, call),
        signal,
      });
      const [described] = this.#described(details);
      return described === undefined ? undefined : { ...described, name };
    } catch (error) {
      if (isMaestroError(error, 'SECRETS_MISSING')) return undefined;
      throw error;
    }
  }

  async create(name: string, value: Redacted, options: CreateSecretOptions = {}): Promise<WrittenSecret> {
    const { token = crypto.randomUUID(), kmsKey, tags = {}, signal } = options;
    const input = {
      Name: this.#idOf(name),
      ClientRequestToken: token,
      SecretString: this.#checked(name, value),
      ...(kmsKey === undefined ? {} : { KmsKeyId: kmsKey }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
    const { VersionId: version = token } = await this.#ask('CreateSecret', name, {
      send: (api, call) => api.createSecret(input, call),
      signal,
    });
    return { version };
  }

  async put(name: string, value: Redacted, options: PutSecretOptions = {}): Promise<WrittenSecret> {
    const { token = crypto.randomUUID(), stage = 'current', replacing, signal } = options;
    if (stage === 'pending' || replacing !== undefined) {
      return this.#replace(name, value, { token, stage, replacing, signal });
    }
    return this.#write(name, value, { version: token, labels: [stageLabels[stage]] }, signal);
  }

  async moveStage(name: string, { stage, from, to, signal }: MoveStageOptions): Promise<void> {
    const input = {
      SecretId: this.#idOf(name),
      VersionStage: stageLabels[stage],
      ...(to === undefined ? {} : { MoveToVersionId: to }),
      ...(from === undefined ? {} : { RemoveFromVersionId: from }),
    };
    try {
      const send: Question<unknown>['send'] = (api, call) => api.updateSecretVersionStage(input, call);
      await this.#ask('UpdateSecretVersionStage', name, { send, signal });
    } catch (error) {
      if (!isMaestroError(error, 'SECRETS_REJECTED') && !isMaestroError(error, 'SECRETS_MISSING')) throw error;
      const described = await this.describe(name, { signal });
      if (described === undefined) throw error;
      const at = described.stages[stage];
      // It was moved, and the answer was lost; or somebody else did what was asked for.
      if (at === to) return;
      const { store } = this.#options;
      throw conflict(store, name, `expected ${stage} at ${from ?? 'no version'}, it is at ${at ?? 'no version'}`);
    }
  }

  async restore(name: string, { signal }: StoreCallOptions = {}): Promise<void> {
    const SecretId = this.#idOf(name);
    await this.#ask('RestoreSecret', name, { send: (api, call) => api.restoreSecret({ SecretId }, call), signal });
  }

  /**
   * The service has no write on condition, but moving a label is one: the value is written under a label of its own, and
   * the stage's label is moved to it from the version that is expected there.
   */
  async #replace(
    name: string,
    value: Redacted,
    { token, stage, replacing, signal }: Replacement & StoreCallOptions,
  ): Promise<WrittenSecret> {
    const at = (await this.describe(name, { signal }))?.stages[stage];
    if (at !== token && at !== replacing) {
      throw conflict(
        this.#options.store,
        name,
        `expected version ${replacing ?? 'none'} to be ${stage}, it is ${at ?? 'none'}`,
      );
    }
    const label = `maestro-${token}`;
    const written = await this.#write(name, value, { version: token, labels: [label] }, signal);
    try {
      if (at !== token) await this.moveStage(name, { stage, from: replacing, to: token, signal });
    } finally {
      await this.#dropLabel(name, label, token);
    }
    return written;
  }

  async #write(
    name: string,
    value: Redacted,
    { version: token, labels }: Labelled,
    signal: AbortSignal | undefined,
  ): Promise<WrittenSecret> {
    const SecretString = this.#checked(name, value);
    const input = { SecretId: this.#idOf(name), ClientRequestToken: token, SecretString, VersionStages: labels };
    const { VersionId: version = token } = await this.#ask('PutSecretValue', name, {
      send: (api, call) => api.putSecretValue(input, call),
      signal,
    });
    return { version };
  }

  /** Whether or not it can be done changes nothing of what readers get; the label only keeps its version longer. */
  async #dropLabel(name: string, VersionStage: string, RemoveFromVersionId: string): Promise<void> {
    const input = { SecretId: this.#idOf(name), VersionStage, RemoveFromVersionId };
    const send: Question<unknown>['send'] = (api, call) => api.updateSecretVersionStage(input, call);
    await this.#ask('UpdateSecretVersionStage', name, { send }).catch(() => undefined);
  }

  async #ask<T>(action: string, name: string, question: Pick<Question<T>, 'send' | 'signal'>): Promise<T> {
    const { calls, store, deadlineMs, clock } = this.#options;
    try {
      return await calls.ask({ action, until: clock.monotonic() + deadlineMs, ...question });
    } catch (error) {
      if (!isMaestroError<SecretsErrorCode>(error) || error.code !== 'SECRETS_REJECTED') throw error;
      switch (awsNameIn(error)) {
        case 'ResourceNotFoundException':
          throw missing(store, name);
        case 'ResourceExistsException':
          throw conflict(store, name, 'there is one already, or another value was written with the same token');
        case 'InvalidRequestException':
          throw pendingDeletion(store, name, this.#restoring(name));
        default:
          throw error;
      }
    }
  }

  #described({ Name = '', KmsKeyId, DeletedDate, Tags = [], VersionIdsToStages = {} }: SecretDetails) {
    const name = this.#options.names.nameOf(Name);
    if (name === undefined) return [];
    const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    const stages = stagesIn(VersionIdsToStages);
    return [{ name, stages, deletedAt: DeletedDate?.toISOString(), kmsKey: KmsKeyId, tags }];
  }

  #idOf(name: string): string {
    const id = this.#options.names.idOf(name);
    if (id !== undefined) return id;
    throw rejected(this.#options.store, name, 'expected a name of A-Z a-z 0-9 / _ + = . @ ! -, at most 512 characters');
  }

  #checked(name: string, value: Redacted): string {
    const text = value.reveal();
    const bytes = Buffer.byteLength(text);
    if (bytes > 0 && bytes <= mostBytes) return text;
    throw rejected(this.#options.store, name, `expected 1 to ${mostBytes} bytes, it has ${bytes}`);
  }

  #restoring(name: string): string {
    return `take its deletion back: aws secretsmanager restore-secret --secret-id ${this.#idOf(name)} --region ${this.#options.calls.region}`;
  }
}
