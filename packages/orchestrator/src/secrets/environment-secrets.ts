import type { Observer } from '@maestro/core';
import type { EndedCommand, SecretsDiff, SecretsEvent, UploadedSecrets } from '@maestro/secrets';
import type { PolicyDocument, PolicyUse } from '@maestro/secrets/aws';

/** The secrets of an environment, wherever it keeps them. Nothing but `run` hands a value to anybody. */
export interface EnvironmentSecrets {
  /**
   * Fetches everything that the services and their databases need, as a deployment would, and tells the versions. Throws
   * what is missing or out of reach, all of it at once.
   */
  prepare(options?: PrepareOptions): Promise<PreparedEnvironment>;
  /** What services need and what the store holds, in the order of names. */
  list(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly EnvironmentSecret[]>;
  /** What would change here if the secrets of a file or of another environment were taken; changes nothing. */
  diff(options: DiffOptions): Promise<SecretsDiff>;
  /**
   * Writes what a `.env` file has otherwise, each secret only if it still is as it was compared. Throws
   * `ORCHESTRATOR_NO_SECRET_STORE`, `SECRETS_CONFLICT`, and `SECRETS_PENDING_DELETION` before anything is written.
   */
  upload(options: UploadOptions): Promise<UploadResult>;
  /** Runs a command with the secrets of a service, or of all, in its environment. */
  run(options: RunCommandOptions): Promise<EndedCommand>;
  /** The IAM policy for one use of these secrets. Throws `ORCHESTRATOR_NO_SECRET_STORE` where they are not in AWS. */
  policy(options: PolicyOptions): Promise<PolicyDocument>;
}

interface ServicesOptions {
  /** Names of services; all by default. */
  readonly services?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PrepareOptions extends ServicesOptions {
  readonly onEvent?: Observer<SecretsEvent> | undefined;
}

export interface PreparedEnvironment {
  readonly store: string;
  readonly services: readonly PreparedService[];
}

export interface PreparedService {
  readonly service: string;
  /** Of what it needs and of what that refers to. */
  readonly secrets: readonly { readonly name: string; readonly version: string }[];
}

export interface EnvironmentSecret {
  readonly name: string;
  /** Services that need it, themselves or for their database. */
  readonly services: readonly string[];
  readonly state: 'stored' | 'missing' | 'pending-deletion';
  /** The current one. */
  readonly version: string | null;
  readonly kmsKey: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** With names of services only their secrets are compared; everything on both sides by default. */
export type DiffOptions = ServicesOptions &
  (
    | { readonly file?: string | undefined; readonly environment?: undefined }
    | { readonly environment: string; readonly file?: undefined }
  );

export interface UploadOptions extends ServicesOptions {
  /** Relative to the current folder; `.env.<environment>` beside the registry file by default. */
  readonly file?: string | undefined;
  /** Only compares. */
  readonly dryRun?: boolean | undefined;
  /** Takes back deletions that names of the file wait for. */
  readonly restore?: boolean | undefined;
  /** For secrets that are created: the key they are encrypted with, and tags besides project and environment. */
  readonly kmsKey?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly onEvent?: Observer<SecretsEvent> | undefined;
}

export interface UploadResult extends UploadedSecrets {
  readonly diff: SecretsDiff;
}

export interface RunCommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Whose secrets it gets; those of all services by default. */
  readonly service?: string | undefined;
  /** Puts `[redacted]` in place of secrets in what it prints. */
  readonly redactOutput?: boolean | undefined;
  /** Variables of this process that it would not get: `AWS_*`, and secrets of other services. */
  readonly pass?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PolicyOptions {
  readonly use: PolicyUse;
  /** Of the AWS account: twelve digits. */
  readonly account: string;
  /** Names of services; all by default. */
  readonly services?: readonly string[] | undefined;
  /** Secrets that no service needs itself, such as those that others refer to. */
  readonly secrets?: readonly string[] | undefined;
  /** ARNs of the keys that the secrets are encrypted with. */
  readonly kmsKeys?: readonly string[] | undefined;
}
