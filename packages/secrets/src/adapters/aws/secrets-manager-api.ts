/** What is used of the service's interface; AWS's own client and the strict fake both have it. */
export interface SecretsManagerApi {
  batchGetSecretValue(input: BatchGetInput, call: Call): Promise<BatchGetOutput>;
  getSecretValue(input: GetInput, call: Call): Promise<SecretValue>;
  describeSecret(input: SecretIdInput, call: Call): Promise<SecretDetails>;
  listSecrets(input: ListInput, call: Call): Promise<ListOutput>;
  createSecret(input: CreateInput, call: Call): Promise<VersionOutput>;
  putSecretValue(input: PutInput, call: Call): Promise<VersionOutput>;
  updateSecretVersionStage(input: MoveInput, call: Call): Promise<unknown>;
  rotateSecret(input: RotateInput, call: Call): Promise<VersionOutput>;
  restoreSecret(input: SecretIdInput, call: Call): Promise<unknown>;
  /** Ends its connections. */
  destroy(): void;
}

export interface Call {
  readonly abortSignal: AbortSignal;
}

export interface SecretIdInput {
  SecretId: string;
}

export interface BatchGetInput {
  SecretIdList: string[];
  NextToken?: string;
}

export interface BatchGetOutput {
  SecretValues?: SecretValue[] | undefined;
  Errors?:
    { SecretId?: string | undefined; ErrorCode?: string | undefined; Message?: string | undefined }[] | undefined;
  NextToken?: string | undefined;
}

export interface GetInput extends SecretIdInput {
  VersionId?: string;
  VersionStage?: string;
}

export interface SecretValue {
  ARN?: string | undefined;
  Name?: string | undefined;
  VersionId?: string | undefined;
  VersionStages?: string[] | undefined;
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

export interface SecretDetails {
  Name?: string | undefined;
  KmsKeyId?: string | undefined;
  DeletedDate?: Date | undefined;
  Tags?: Tag[] | undefined;
  VersionIdsToStages?: Record<string, string[]> | undefined;
}

interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

export interface ListInput {
  MaxResults: number;
  IncludePlannedDeletion: boolean;
  Filters?: { Key: 'name'; Values: string[] }[];
  NextToken?: string;
}

export interface ListOutput {
  SecretList?:
    | (Omit<SecretDetails, 'VersionIdsToStages'> & { SecretVersionsToStages?: Record<string, string[]> | undefined })[]
    | undefined;
  NextToken?: string | undefined;
}

export interface CreateInput {
  Name: string;
  ClientRequestToken: string;
  SecretString: string;
  KmsKeyId?: string;
  Tags?: Tag[];
}

export interface PutInput extends SecretIdInput {
  ClientRequestToken: string;
  SecretString: string;
  VersionStages: string[];
}

export interface RotateInput extends SecretIdInput {
  ClientRequestToken: string;
  RotateImmediately: boolean;
}

export interface VersionOutput {
  VersionId?: string | undefined;
}

export interface MoveInput extends SecretIdInput {
  VersionStage: string;
  MoveToVersionId?: string;
  RemoveFromVersionId?: string;
}
