import type { Observer } from '@maestro/core';

import type { ReleaseEvent } from './events.ts';
import type { ScriptGate } from './gates/script-gate.ts';
import type { FailedHook, ScriptHook } from './hooks/script-hook.ts';
import type { EnvironmentImages } from './images/environment-images.ts';
import type { EnvironmentLock } from './lock/environment-lock.ts';
import type { EnvironmentMigrations } from './migrations/environment-migrations.ts';
import type { Metric } from './operations/metrics.ts';
import type { ProxyView } from './operations/proxy-view.ts';
import type { ExecOptions, ExecResult } from './operations/run-beside.ts';
import type { LogsOptions, ServiceLogs } from './operations/service-logs.ts';
import type { Plan } from './plan/plan.ts';
import type { EnvironmentSecrets } from './secrets/environment-secrets.ts';
import type { ReleaseRecord } from '@maestro/image-store';
import type { AffectedService } from '@maestro/registry';

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
  /**
   * Switches back to the previous healthy release, or to the one named; never builds. Throws `ORCHESTRATOR_PAST_CONTRACT`
   * where a contract migration was applied that the version to return to does not know.
   */
  rollback(options?: RollbackOptions): Promise<ReleaseResult>;
  /**
   * Finishes a release that was cut off; throws `ORCHESTRATOR_NOTHING_INTERRUPTED` when there is none,
   * `ORCHESTRATOR_SCRIPT_MISSING` where it has to call functions that are not given.
   */
  resume(options?: ResumeOptions): Promise<ReleaseResult>;
  /** Undoes a release that was cut off; throws `ORCHESTRATOR_NOTHING_INTERRUPTED` when there is none. */
  abort(options?: RunOptions): Promise<ReleaseResult>;
  /** What runs where, observed now. */
  status(options?: { readonly signal?: AbortSignal }): Promise<EnvironmentStatus>;
  /** The last 10 releases, newest first. */
  history(options?: { readonly signal?: AbortSignal }): Promise<readonly ReleaseRecord[]>;
  /** What an instance of a service prints, without its secrets. Throws `ORCHESTRATOR_NOT_RUNNING`, `ORCHESTRATOR_LOG_WITHHELD`. */
  logs(options: LogsOptions): Promise<ServiceLogs>;
  /**
   * Runs a program where a service runs, with what it has: in its container, or in the folder of its image. Input and output are
   * this process's own. Throws `ORCHESTRATOR_NOT_RUNNING`.
   */
  exec(options: ExecOptions): Promise<ExecResult>;
  /** What is to be watched, as numbers; `prometheusText` writes them for Prometheus. */
  metrics(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly Metric[]>;
  readonly proxy: EnvironmentProxy;
  readonly lock: EnvironmentLock;
  readonly images: EnvironmentImages;
  readonly migrations: EnvironmentMigrations;
  readonly secrets: EnvironmentSecrets;
  /** Stops the environment's services and proxy; embedded runtime only. What is stored stays. */
  stop(options?: RunOptions): Promise<void>;
}

/** What sends requests to the services. */
export interface EnvironmentProxy {
  /** Where requests go now. */
  show(options?: { readonly signal?: AbortSignal | undefined }): Promise<ProxyView>;
}

export interface PlanOptions {
  /** Names of the services to deploy; all by default. */
  readonly services?: readonly string[] | undefined;
  /**
   * A commit, tag or branch: of the services only those are deployed that have to do with what changed since the two went
   * apart, up to `ref`, or to the working tree with its uncommitted files. Others stay as they are live.
   */
  readonly affectedSince?: string | undefined;
  /** The git ref whose files are deployed; the working tree by default. */
  readonly ref?: string | undefined;
  /** Shares in percent that new versions get first, one after the other; what the registry says by default. */
  readonly canarySteps?: readonly number[] | undefined;
  /** How long the version before stays warm after the switch; what the registry says by default. */
  readonly bakeMs?: number | undefined;
  /** Functions that the release must pass besides the gates of the registry; the plan names them, its hash does not depend on them. */
  readonly gates?: readonly ScriptGate[] | undefined;
  /** Functions around the stages of the release, called after the hooks of the registry at the same place. */
  readonly hooks?: readonly ScriptHook[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions {
  readonly onEvent?: Observer<ReleaseEvent> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeployOptions extends PlanOptions, RunOptions {
  /** The hash of a plan seen before: refuses when it would now be another one. */
  readonly planHash?: string | undefined;
  /**
   * Builds nothing: images are those that are stored already, as by `images.push` on another machine. Throws
   * `ORCHESTRATOR_IMAGE_MISSING` where one is not.
   */
  readonly pullImages?: boolean | undefined;
}

/** A release that a script deployed with functions is finished with the same ones. */
export interface ResumeOptions extends RunOptions {
  readonly gates?: readonly ScriptGate[] | undefined;
  readonly hooks?: readonly ScriptHook[] | undefined;
}

export interface RollbackOptions extends RunOptions {
  /** Names of the services to roll back; all by default. */
  readonly services?: readonly string[] | undefined;
  /** The id of the release to return to; the one that was live before by default. */
  readonly to?: string | undefined;
  /** Functions around its stages; one that fails is told of, and stops nothing. */
  readonly hooks?: readonly ScriptHook[] | undefined;
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
  /** Hooks that failed and stopped nothing: after the switch, or in a rollback. */
  readonly failedHooks: readonly FailedHook[];
  /** Where new versions went on without being judged, since they had too few requests; empty where all were judged. */
  readonly unjudged: readonly UnjudgedVersions[];
  readonly services: readonly ReleasedService[];
  /** Only with `affectedSince`: the services that it chose, and why. */
  readonly affected?: readonly AffectedService[];
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
  /** Services that run to their end once in each release. */
  readonly jobs: readonly JobStatus[];
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

export interface JobStatus {
  readonly name: string;
  /** As the journals of the last 20 releases tell; null where it ran in none of them. */
  readonly last: {
    readonly release: string;
    /** `running`: it has begun, and is being waited for or was left by a deployer that was cut off. */
    readonly state: 'done' | 'failed' | 'running';
    /** When it ended, or began, ISO 8601. */
    readonly at: string;
    /** Why it failed, with its last lines. */
    readonly reason: string | null;
  } | null;
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
