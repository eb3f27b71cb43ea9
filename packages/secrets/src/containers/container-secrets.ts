import type { ContainerSecretValues } from './secret-files.ts';
import type { Owner } from './tar-archive.ts';

/** Whose secrets: one volume each. */
export interface SecretsPlace {
  readonly service: string;
  /** `blue` or `green`; none for a service without slots. */
  readonly slot?: string | undefined;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

export interface InjectSecretsOptions extends SecretsPlace, Cancellable {
  readonly secrets: ContainerSecretValues;
  /** Whom the files belong to: the user that the service's container runs as. */
  readonly owner: Owner;
}

/** What a runtime mounts into the service's container, and may set there as plain variables. */
export interface SecretsMount {
  /** Name of the volume. */
  readonly volume: string;
  readonly target: '/run/secrets';
  readonly readOnly: true;
  /** What the image has at the target is not to be copied into the volume. */
  readonly noCopy: true;
  /** Names files, never values: `{ DB_PASSWORD_FILE: '/run/secrets/DB_PASSWORD' }`. */
  readonly fileVariables: Readonly<Record<string, string>>;
}

export interface VerifySecretsOptions extends SecretsPlace, Cancellable {
  readonly secrets: ContainerSecretValues;
}

/** `current`: the volume holds exactly these. Otherwise the names that differ; without a running keeper that is all. */
export type SecretsVerdict =
  | { readonly state: 'current' }
  | { readonly state: 'different' | 'empty' | 'keeper-stopped' | 'absent'; readonly names: readonly string[] };

/** A volume that is there; `empty` and `keeper-stopped` is what a reboot of the host leaves. */
export interface ListedSecrets extends SecretsPlace {
  readonly volume: string;
  readonly owner: Owner;
  readonly state: 'filled' | 'empty' | 'keeper-stopped';
}

export interface ReinjectSecretsOptions extends Cancellable {
  /** The secrets of one volume, in the versions of the release that runs there; undefined leaves it empty. */
  readonly secretsFor: (place: SecretsPlace) => Promise<ContainerSecretValues | undefined>;
}

/** The secrets of an environment's containers, in memory of the host. Every call can be cut off anywhere and repeated. */
export interface ContainerSecrets {
  /**
   * Fills the volume of a service, or replaces what it holds in one rename, and reads it back. To be done before the
   * container is created. Nothing is written where it holds the very same already.
   */
  inject(options: InjectSecretsOptions): Promise<SecretsMount>;
  verify(options: VerifySecretsOptions): Promise<SecretsVerdict>;
  /** In the order of the volumes' names. */
  list(options?: Cancellable): Promise<readonly ListedSecrets[]>;
  /**
   * Fills again what a reboot of the host or of the engine has emptied; gives back what was filled. A volume whose secrets
   * cannot be had keeps no other one empty; once all were tried it throws with the code of the first failure, and tells
   * `filled` and `failed` in its details.
   */
  reinject(options: ReinjectSecretsOptions): Promise<readonly ListedSecrets[]>;
  /** Throws SECRETS_VOLUME_IN_USE while a container has the volume. */
  remove(options: SecretsPlace & Cancellable): Promise<void>;
}
