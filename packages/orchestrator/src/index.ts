export type {
  DeployOptions,
  Environment,
  EnvironmentStatus,
  InterruptedRelease,
  LockStatus,
  PlanOptions,
  ReleasedService,
  ReleaseOutcome,
  ReleaseResult,
  RollbackOptions,
  RunOptions,
  ServiceStatus,
  SlotStatus,
} from './environment.ts';
export type { ReleaseEvent } from './events.ts';
export type { Plan, PlannedService, PlanStep, StepKind } from './plan/plan.ts';
