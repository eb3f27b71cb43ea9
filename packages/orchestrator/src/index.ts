export type { Pruned, ReleasedImage, ReleaseRecord, StoredImage } from '@maestro/image-store';

export type {
  DeployOptions,
  Environment,
  EnvironmentStatus,
  InterruptedRelease,
  LockStatus,
  PlanOptions,
  PruneOptions,
  ReleasedService,
  ReleaseOutcome,
  ReleaseResult,
  RollbackOptions,
  RunOptions,
  ServiceStatus,
  SlotStatus,
  TagOptions,
} from './environment.ts';
export { OrchestratorError, type OrchestratorErrorCode } from './errors.ts';
export type { ReleaseEvent } from './events.ts';
export { openEnvironment, type OpenEnvironmentOptions } from './open-environment.ts';
export type { Plan, PlannedService, PlanStep, StepKind } from './plan/plan.ts';
