import type { AffectedService } from '@maestro/registry';

/** What one step does to the world. */
export type StepKind =
  | 'build'
  | 'image'
  | 'scan'
  | 'gate'
  | 'hook'
  | 'secrets'
  | 'migrate'
  | 'reload'
  | 'job'
  | 'start'
  | 'probe'
  | 'canary'
  | 'switch'
  | 'bake'
  | 'drain'
  | 'stop'
  | 'record';

/** One step of a release, in words and data. */
export interface PlanStep {
  /** Unique in its plan, such as `start:gateway`. */
  readonly id: string;
  readonly kind: StepKind;
  readonly service?: string;
  readonly summary: string;
  /** Whether a rollback cannot take this step back. */
  readonly irreversible: boolean;
}

/** The steps from what is observed to what is wanted; the same world gives the same hash. */
export interface Plan {
  readonly environment: string;
  /** `sha256:…` over everything the plan depends on; `deploy` refuses a hash that no longer holds. */
  readonly hash: string;
  readonly steps: readonly PlanStep[];
  readonly services: readonly PlannedService[];
  /** Only with `affectedSince`: the services that it chose, and why. */
  readonly affected?: readonly AffectedService[];
}

export interface PlannedService {
  readonly name: string;
  readonly image: string;
  /** Null for an image that is yet to be built. */
  readonly digest: string | null;
  /** `run`: a job that this release runs to its end. */
  readonly change: 'start' | 'keep' | 'run';
  /** Why, in words: `image changed`, `secret DB_URL rotated`, `not deployed yet`, `unchanged`. */
  readonly reason: string;
  /** Names of contract migrations that wait for a run of their own, once the version before is gone for good. */
  readonly waitingMigrations: readonly string[];
}
