import { randomUUID } from 'node:crypto';

import type {
  BatchGetInput,
  BatchGetOutput,
  Call,
  CreateInput,
  GetInput,
  ListInput,
  ListOutput,
  MoveInput,
  PutInput,
  RotateInput,
  SecretDetails,
  SecretIdInput,
  SecretsManagerApi,
  SecretValue,
  VersionOutput,
} from '../../adapters/aws/secrets-manager-api.ts';
import type { OrderedError, RecordedCall, SecretRefusal } from './fake-secrets-manager.ts';
import { KeptSecret, type KeptValue } from './kept-secret.ts';
import { exists, invalidParameter, invalidRequest, notFound, ServiceError, validation } from './service-error.ts';

export interface FakeServiceOptions {
  readonly region: string;
  readonly secrets: Map<string, KeptSecret>;
  readonly pageSize: number;
  readonly refusalOf: (name: string) => SecretRefusal | undefined;
  readonly lambdaOf: (name: string) => ((secret: KeptSecret, version: string) => void) | undefined;
  readonly receive: (call: RecordedCall) => OrderedError | undefined;
}

/** What any client may send: without a token, with bytes, which come in base64 over the wire. */
type Lenient<Input> = Omit<Input, 'ClientRequestToken' | 'SecretString' | 'VersionStages'> & {
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly SecretBinary?: string | Uint8Array;
  readonly VersionStages?: string[];
};

const current = 'AWSCURRENT';
const idsACall = 20;
const secretsAPage = 100;
const nameGrammar = /^[\w/+=.@!-]{1,512}$/;

/** The service's actions on secrets in memory. */
export class FakeService implements SecretsManagerApi {
  readonly #options: FakeServiceOptions;

  constructor(options: FakeServiceOptions) {
    this.#options = options;
  }

  async batchGetSecretValue({ SecretIdList: ids, NextToken }: BatchGetInput, call: Call): Promise<BatchGetOutput> {
    await this.#receive({ action: 'BatchGetSecretValue', ids }, call);
    if (ids.length < 1 || ids.length > idsACall) {
      throw validation('secretIdList', `Member must have length between 1 and ${idsACall}`);
    }
    const from = NextToken === undefined ? 0 : Number(NextToken);
    const to = from + this.#options.pageSize;
    const answer: BatchGetOutput = {
      SecretValues: [],
      Errors: [],
      ...(to < ids.length ? { NextToken: String(to) } : {}),
    };
    for (const id of ids.slice(from, to)) {
      try {
        answer.SecretValues?.push(this.#value({ SecretId: id }));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        answer.Errors?.push({ SecretId: id, ErrorCode: error.name, Message: error.message });
      }
    }
    return answer;
  }

  async getSecretValue(input: GetInput, call: Call): Promise<SecretValue> {
    await this.#receive({ action: 'GetSecretValue', ids: [input.SecretId] }, call);
    return this.#value(input);
  }

  async describeSecret({ SecretId }: SecretIdInput, call: Call): Promise<SecretDetails> {
    await this.#receive({ action: 'DescribeSecret', ids: [SecretId] }, call);
    const secret = this.#secret(SecretId);
    return { ...detailsOf(secret), VersionIdsToStages: secret.stages };
  }

  async listSecrets(
    { MaxResults, IncludePlannedDeletion, Filters = [], NextToken }: ListInput,
    call: Call,
  ): Promise<ListOutput> {
    await this.#receive({ action: 'ListSecrets', ids: [] }, call);
    if (MaxResults < 1 || MaxResults > secretsAPage) throw validation('maxResults', `between 1 and ${secretsAPage}`);
    const isListed = ({ name, deletedAt }: KeptSecret) =>
      (IncludePlannedDeletion || deletedAt === undefined) &&
      Filters.every(({ Values }) => Values.some((prefix) => name.startsWith(prefix)));
    const listed = [...this.#options.secrets.values()].filter(isListed);
    const from = NextToken === undefined ? 0 : Number(NextToken);
    const to = from + MaxResults;
    const SecretList = listed
      .slice(from, to)
      .map((secret) => ({ ...detailsOf(secret), SecretVersionsToStages: secret.stages }));
    return { SecretList, ...(to < listed.length ? { NextToken: String(to) } : {}) };
  }

  async createSecret(input: Lenient<CreateInput>, call: Call): Promise<VersionOutput> {
    const { Name, ClientRequestToken: token = randomUUID(), KmsKeyId, Tags = [] } = input;
    await this.#receive({ action: 'CreateSecret', ids: [Name] }, call);
    if (!nameGrammar.test(Name)) throw validation('name', 'A-Z a-z 0-9 / _ + = . @ ! -, at most 512 characters');
    const there = this.#options.secrets.get(Name);
    if (there?.deletedAt !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (there !== undefined && !there.hasVersion(token)) {
      throw exists(`The operation failed because the secret ${Name} already exists.`);
    }
    const secret =
      there ?? new KeptSecret(Name, KmsKeyId, new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
    const VersionId = secret.put(token, valueIn(input), [current]);
    this.#options.secrets.set(Name, secret);
    return { VersionId };
  }

  async putSecretValue(input: Lenient<PutInput>, call: Call): Promise<VersionOutput> {
    const { SecretId, ClientRequestToken: token = randomUUID(), VersionStages = [current] } = input;
    await this.#receive({ action: 'PutSecretValue', ids: [SecretId] }, call);
    return { VersionId: this.#usable(SecretId).put(token, valueIn(input), VersionStages) };
  }

  async updateSecretVersionStage(input: MoveInput, call: Call): Promise<void> {
    const { SecretId, VersionStage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
    await this.#receive({ action: 'UpdateSecretVersionStage', ids: [SecretId] }, call);
    if (to === undefined && from === undefined)
      throw invalidParameter('MoveToVersionId or RemoveFromVersionId is needed.');
    this.#usable(SecretId).move(VersionStage, to, from);
  }

  async rotateSecret(
    { SecretId, ClientRequestToken: token = randomUUID() }: Lenient<RotateInput>,
    call: Call,
  ): Promise<VersionOutput> {
    await this.#receive({ action: 'RotateSecret', ids: [SecretId] }, call);
    const secret = this.#usable(SecretId);
    const lambda = this.#options.lambdaOf(secret.name);
    if (lambda === undefined) {
      throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
    }
    const pending = secret.unfinishedRotation;
    lambda(secret, pending ?? token);
    if (pending === undefined || pending === token) return { VersionId: token };
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }

  async restoreSecret({ SecretId }: SecretIdInput, call: Call): Promise<void> {
    await this.#receive({ action: 'RestoreSecret', ids: [SecretId] }, call);
    this.#secret(SecretId).deletedAt = undefined;
  }

  destroy(): void {
    return undefined;
  }

  #value({ SecretId, VersionId, VersionStage }: GetInput): SecretValue {
    const secret = this.#usable(SecretId);
    const { id, value, stages } = secret.version(VersionId, VersionStage);
    const refusal = this.#options.refusalOf(secret.name);
    if (refusal !== undefined) throw new ServiceError(refusal, `as ordered for ${secret.name}`);
    const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value };
    return { ARN: this.#arnOf(secret), Name: secret.name, VersionId: id, VersionStages: [...stages], ...content };
  }

  #usable(id: string): KeptSecret {
    const secret = this.#secret(id);
    secret.checkUsable();
    return secret;
  }

  #secret(id: string): KeptSecret {
    const { secrets } = this.#options;
    const secret = secrets.get(id) ?? [...secrets.values()].find((one) => this.#arnOf(one) === id);
    if (secret === undefined) throw notFound();
    return secret;
  }

  #arnOf({ name }: KeptSecret): string {
    return `arn:aws:secretsmanager:${this.#options.region}:123456789012:secret:${name}-AbCdEf`;
  }

  async #receive(recorded: RecordedCall, { abortSignal }: Call): Promise<void> {
    abortSignal.throwIfAborted();
    const error = this.#options.receive(recorded);
    if (error === undefined) return;
    if (error === 'unreachable') throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (error !== 'silent') throw new ServiceError(error, `as ordered for ${recorded.action}`);
    await new Promise((_, reject) => {
      abortSignal.addEventListener('abort', () => {
        reject(abortSignal.reason as Error);
      });
    });
  }
}

function valueIn({ SecretString, SecretBinary }: Pick<Lenient<PutInput>, 'SecretString' | 'SecretBinary'>): KeptValue {
  if ((SecretString === undefined) === (SecretBinary === undefined)) {
    throw invalidParameter('You must provide either SecretString or SecretBinary.');
  }
  return (
    SecretString ?? (typeof SecretBinary === 'string' ? Buffer.from(SecretBinary, 'base64') : (SecretBinary ?? ''))
  );
}

function detailsOf({ name, kmsKey, deletedAt, tags }: KeptSecret): SecretDetails {
  return {
    Name: name,
    KmsKeyId: kmsKey,
    DeletedDate: deletedAt,
    Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
  };
}
