import type { Observer } from '@maestro/core';

import type { ReleaseEvent } from './events.ts';
import type { EnvironmentImages } from './images/environment-images.ts';
import type { EnvironmentMigrations } from './migrations/environment-migrations.ts';
import type { Plan } from './plan/plan.ts';
import type { EnvironmentSecrets } from './secrets/environment-secrets.ts';
import type { ReleaseRecord } from '@maestro/image-store';

/** One environment of a project, open for planning, deploying and looking at; dispose of it when done. */
export interface Environment extends AsyncDisposable {
  readonly project: string;
  readonly name: string;
  /** Absolute path of the registry file. */
  readonly file: string;
  /** Computes what a deployment would do; changes nothing. */
  plan(options?: PlanOptions): Promise<Plan>;
  /**
   * Deploys one release: images, secrets, migrations, start, probe, switch, drain, record.
   * Throws `ORCHESTRATOR_LOCKED`, `ORCHESTRATOR_INTERRUPTED`, `ORCHESTRATOR_PLAN_CHANGED` before it touches anything,
   * `ORCHESTRATOR_RELEASE_REFUSED` when the new version did not make it to the switch and the old one went on.
   */
  deploy(options?: DeployOptions): Promise<ReleaseResult>;
  /** Switches back to the previous healthy release, or to the one named; never builds. */
  rollback(options?: RollbackOptions): Promise<ReleaseResult>;
  /** Finishes a release that was cut off; throws `ORCHESTRATOR_NOTHING_INTERRUPTED` when there is none. */
  resume(options?: RunOptions): Promise<ReleaseResult>;
  /** Undoes a release that was cut off; throws `ORCHESTRATOR_NOTHING_INTERRUPTED` when there is none. */
  abort(options?: RunOptions): Promise<ReleaseResult>;
  /** What runs where, observed now. */
  status(options?: { readonly signal?: AbortSignal }): Promise<EnvironmentStatus>;
  /** The last 10 releases, newest first. */
  history(options?: { readonly signal?: AbortSignal }): Promise<readonly ReleaseRecord[]>;
  readonly images: EnvironmentImages;
  readonly migrations: EnvironmentMigrations;
  readonly secrets: EnvironmentSecrets;
  /** Stops the environment's services and proxy; embedded runtime only. What is stored stays. */
  stop(options?: RunOptions): Promise<void>;
}

export interface PlanOptions {
  /** Names of the services to deploy; all by default. */
  readonly services?: readonly string[] | undefined;
  /** The git ref whose files are deployed; the working tree by default. */
  readonly ref?: string | undefined;
  /** Shares in percent that new versions get first, one after the other; what the registry says by default. */
  readonly canarySteps?: readonly number[] | undefined;
  /** How long the version before stays warm after the switch; what the registry says by default. */
  readonly bakeMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions {
  readonly onEvent?: Observer<ReleaseEvent> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeployOptions extends PlanOptions, RunOptions {
  /** The hash of a plan seen before: refuses when it would now be another one. */
  readonly planHash?: string | undefined;
}

export interface RollbackOptions extends RunOptions {
  /** Names of the services to roll back; all by default. */
  readonly services?: readonly string[] | undefined;
  /** The id of the release to return to; the one that was live before by default. */
  readonly to?: string | undefined;
}

/**
 * How a release ended. `deployed`, `rolled-back`: it receives traffic. `unchanged`: there was nothing to do.
 * `refused`: it failed before the switch and the old version went on. `restored`: it failed after the switch and
 * traffic was switched back. `aborted`: undone on request.
 */
export type ReleaseOutcome = 'deployed' | 'rolled-back' | 'unchanged' | 'refused' | 'restored' | 'aborted';

export interface ReleaseResult {
  /** The release's id, a ULID; null when there was nothing to do. */
  readonly release: string | null;
  readonly outcome: ReleaseOutcome;
  readonly durationMs: number;
  /** Time of the rename that moved the traffic, with its checks; null when nothing was switched. */
  readonly switchMs: number | null;
  /** Why the traffic went back by itself; null where it did not. */
  readonly reason: string | null;
  /** Where new versions went on without being judged, since they had too few requests; empty where all were judged. */
  readonly unjudged: readonly UnjudgedVersions[];
  readonly services: readonly ReleasedService[];
}

export interface UnjudgedVersions {
  readonly step: 'canary' | 'bake';
  /** Of the canary; null for the bake. */
  readonly percent: number | null;
  readonly services: readonly string[];
}

export interface ReleasedService {
  readonly name: string;
  /** `<repository>:<tag>` */
  readonly image: string;
  readonly digest: string;
  readonly slot: 'blue' | 'green';
  /** Whether this release started it anew. */
  readonly changed: boolean;
}

export interface EnvironmentStatus {
  readonly environment: string;
  /** Where the proxy listens, such as `http://127.0.0.1:8080`; null while it does not run. */
  readonly url: string | null;
  readonly services: readonly ServiceStatus[];
  /** What somebody, or a crash, has changed since the last release. */
  readonly drift: readonly DriftStatus[];
  readonly lock: LockStatus | null;
  readonly interrupted: InterruptedRelease | null;
}

export interface ServiceStatus {
  readonly name: string;
  /** The address outsiders use; null for a service without a route. */
  readonly url: string | null;
  /** What receives the traffic; of a worker, what runs. */
  readonly live: SlotStatus | null;
  readonly idle: SlotStatus | null;
  /** The share of the requests that the idle slot gets to try it out; null where it is no canary. */
  readonly canaryPercent: number | null;
}

export interface DriftStatus {
  readonly service: string;
  readonly slot: 'blue' | 'green';
  /** In words, such as `api is live in blue, but nothing is there`. */
  readonly detail: string;
  /** The command that mends it. */
  readonly next: string;
}

export interface SlotStatus {
  readonly slot: 'blue' | 'green';
  readonly release: string;
  readonly image: string;
  readonly digest: string;
  readonly state: 'running' | 'stopped' | 'crashed';
  /** The answer of its health endpoint just now; false for an instance that does not run. */
  readonly healthy: boolean;
  /** When its process started, ISO 8601. */
  readonly since: string;
}

export interface LockStatus {
  /** Who deploys: `user@machine (pid 123)`. */
  readonly holder: string;
  readonly since: string;
  /** What for: `deploy 01J…`. */
  readonly purpose: string;
}

export interface InterruptedRelease {
  readonly release: string;
  readonly kind: 'deploy' | 'rollback';
  readonly startedAt: string;
  /** The last step that began, in words. */
  readonly lastStep: string;
  /** Whether traffic had been switched already. */
  readonly switched: boolean;
}
