import type { Observer } from '@maestro/core';
import type {
  EndedCommand,
  RotatedSecret,
  RotationEvent,
  SecretsDiff,
  SecretsEvent,
  UploadedSecrets,
} from '@maestro/secrets';
import type { PolicyDocument, PolicyUse } from '@maestro/secrets/aws';
import type { ContainerSecretsEvent, SecretsMount } from '@maestro/secrets/docker';

/** The secrets of an environment, wherever it keeps them. Only `run`, `inject` and `reinject` hand a value to anybody. */
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
  /**
   * Gives secrets new values, one after the other: as the registry says, or by the Lambda that AWS has for them. What was
   * begun and not ended goes on. Throws `ORCHESTRATOR_NO_ROTATION`, `ORCHESTRATOR_NO_SECRET_STORE`, `ORCHESTRATOR_LOCKED`,
   * `SECRETS_IN_USE` where running instances were started with the login that would change, and what a rotation throws,
   * with the names that are done and left in its details.
   */
  rotate(options?: RotateOptions): Promise<RotationResult>;
  /**
   * Puts the secrets of services into the memory of the container engine's host, in a volume for each service: all are
   * fetched before anything is written. Throws `ORCHESTRATOR_NO_CONTAINERS`, `ORCHESTRATOR_NO_CONTAINER_USER`.
   */
  inject(options?: InjectOptions): Promise<InjectionResult>;
  /**
   * Fills again the volumes that a reboot of the host has emptied: in the versions of the release that runs there, or with
   * what is current where no release does. One whose secrets cannot be had keeps no other one empty. Throws
   * `ORCHESTRATOR_NO_CONTAINERS`, and the first failure once all were tried.
   */
  reinject(options?: ReinjectOptions): Promise<ReinjectionResult>;
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

export interface RotateOptions extends ServicesOptions {
  /**
   * Names; by default all that the registry says how to rotate, or those of the databases of `services`. One that it says
   * nothing of is rotated by its Lambda.
   */
  readonly secrets?: readonly string[] | undefined;
  /** Only tells what would be rotated. */
  readonly dryRun?: boolean | undefined;
  /** Versions that programs were started with which Maestro does not run; with the name of one secret only. */
  readonly versionsInUse?: readonly string[] | undefined;
  /** Makes repetitions one rotation of each secret: a UUID, which becomes the version. */
  readonly token?: string | undefined;
  readonly onEvent?: Observer<RotationEvent> | undefined;
}

export interface RotationResult {
  readonly store: string;
  readonly planned: readonly PlannedRotation[];
  /** Empty after a dry run. */
  readonly rotated: readonly RotatedSecret[];
}

export interface PlannedRotation {
  readonly name: string;
  /** `aws`: by the Lambda that the secret has there. */
  readonly by: 'alternating-users' | 'single-user' | 'aws';
  /** Whose database the secret is a login of; null where the registry does not say. */
  readonly service: string | null;
  /** The current version; null where there is none. */
  readonly version: string | null;
  /** The version of a rotation that was begun and has not ended: that one is finished. */
  readonly unfinished: string | null;
}

export interface InjectOptions extends ServicesOptions {
  /** `blue` or `green`; none for services that run without slots. */
  readonly slot?: string | undefined;
  readonly onEvent?: Observer<ContainerSecretsEvent | SecretsEvent> | undefined;
}

export interface InjectionResult {
  readonly store: string;
  /** Services that need no secret are not among them. */
  readonly services: readonly InjectedService[];
}

/** What a container of the service is to mount. */
export interface InjectedService extends SecretsMount, PreparedService {
  readonly slot: string | null;
}

export type ReinjectOptions = Pick<InjectOptions, 'onEvent' | 'signal'>;

export interface ReinjectionResult {
  /** Of each volume that was empty and is filled now. */
  readonly filled: readonly VolumeOfService[];
  /** Of each that stays empty. */
  readonly left: readonly LeftVolume[];
}

export interface LeftVolume extends VolumeOfService {
  /** `stopped`: it is filled when its instance is started; `not-needed`: no service has secrets for it. */
  readonly reason: 'stopped' | 'not-needed';
}

export interface VolumeOfService {
  readonly service: string;
  readonly slot: string | null;
  readonly volume: string;
}
