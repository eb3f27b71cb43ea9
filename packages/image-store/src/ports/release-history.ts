import type { Cancellable } from './image-store.ts';

/** What one service got in a release. */
export interface ReleasedImage {
  readonly name: string;
  /** `<repository>:<tag>`, for people. */
  readonly image: string;
  /** The image's identity. */
  readonly digest: string;
  /** Identity of everything else the service was started with. */
  readonly configHash: string;
  /** Versions of its secrets, by variable name; never their values. */
  readonly secretVersions: Readonly<Record<string, string>>;
  /** The commit it is made of, with `-dirty` where the working tree was not it; absent where it is not known. */
  readonly revision?: string | undefined;
}

/** What a release went on without judging, since there were too few requests. */
interface UnjudgedStep {
  readonly step: 'canary' | 'bake';
  /** Of the canary; null for the bake. */
  readonly percent: number | null;
  readonly services: readonly string[];
}

/** What is remembered of a release, however it ended. */
export interface ReleaseRecord {
  /** A ULID: ids sort by time. */
  readonly id: string;
  readonly environment: string;
  /** When it began, ISO 8601 in UTC. */
  readonly at: string;
  /** `user@machine` */
  readonly by: string;
  readonly kind: 'deploy' | 'push' | 'rollback';
  /**
   * `deployed`, `rolled-back`: it received the traffic. `refused`: it failed before. `restored`: it failed afterwards,
   * and the one before took the traffic again. `aborted`: undone on request. `pushed`: its images are where they are run
   * from, and whoever runs them is not asked.
   */
  readonly outcome: 'deployed' | 'rolled-back' | 'refused' | 'restored' | 'aborted' | 'pushed';
  readonly durationMs: number;
  /** The release that received the traffic before this one, or was pushed before a pushed one; null for the first. */
  readonly previousHealthy: string | null;
  /** The release that a rollback returned to; null for a deployment. */
  readonly restores: string | null;
  /** Why it was refused or restored, in a sentence. */
  readonly reason: string | null;
  /** The hash of the plan that was carried out; absent for a push, and in records from before it was kept, as the next two. */
  readonly planHash?: string | undefined;
  /** How long the rename took that moved the traffic; null where nothing was switched. */
  readonly switchMs?: number | null | undefined;
  readonly unjudged?: readonly UnjudgedStep[] | undefined;
  readonly services: readonly ReleasedImage[];
}

/**
 * Remembers the releases of environments; records are added, never changed.
 * One contract suite holds for every adapter: `@maestro/image-store/testing`.
 * Every method throws `IMAGE_STORE_INVALID_NAME` for an environment that cannot be the name of a folder or tag.
 */
export interface ReleaseHistory {
  /**
   * Adds a release, then forgets old ones: never the newest 10, what these refer to, or what a rollback of the live
   * release needs. The same record twice is fine; throws `IMAGE_STORE_RELEASE_CONFLICT` for another one with the same
   * id, `IMAGE_STORE_INVALID_RELEASE` for one that could not be read back.
   */
  record(release: ReleaseRecord, options?: Cancellable): Promise<void>;
  /** The newest releases first, 10 by default. */
  list(
    query: { readonly environment: string; readonly limit?: number | undefined },
    options?: Cancellable,
  ): Promise<readonly ReleaseRecord[]>;
  get(
    key: { readonly environment: string; readonly id: string },
    options?: Cancellable,
  ): Promise<ReleaseRecord | undefined>;
  /** The environments that have releases, sorted: retention asks for what each of them needs. */
  environments(options?: Cancellable): Promise<readonly string[]>;
}
