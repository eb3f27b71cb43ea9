export type {
  AllowedFinding,
  Finding,
  ImageEvent,
  KeptImage,
  ReleasedImage,
  ReleaseImages,
  ReleaseRecord,
  ScanEvent,
  ScanReport,
  StoredImage,
} from '@maestro/image-store';

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
export { OrchestratorError, type OrchestratorErrorCode } from './errors.ts';
export type { ReleaseEvent } from './events.ts';
export type {
  BuildImagesOptions,
  BuiltImages,
  EnvironmentImages,
  ImagePlace,
  LoadOptions,
  MirroredImages,
  MirrorOptions,
  PlacedImage,
  PrunedImages,
  PruneOptions,
  RollbackImagesOptions,
  SavedImages,
  SaveOptions,
  ScannedImage,
  ServiceImage,
  ServiceImagesOptions,
  TagOptions,
} from './images/environment-images.ts';
export { openEnvironment, type OpenEnvironmentOptions } from './open-environment.ts';
export type { Plan, PlannedService, PlanStep, StepKind } from './plan/plan.ts';
