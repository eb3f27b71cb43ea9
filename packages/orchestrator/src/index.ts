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
  Adoption,
  AdoptionSource,
  BatchEvent,
  BatchOutcome,
  BatchPlan,
  BatchResult,
  BatchStatus,
  DatabasePlan,
  DatabaseResult,
  DatabaseStatus,
  MigrationPlan,
  MigrationStatus,
  PlannedMigration,
  RunPhase,
} from '@maestro/migrations';

export type {
  DeployOptions,
  DriftStatus,
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
export type {
  AdoptMigrationsOptions,
  CreateMigrationOptions,
  EnvironmentMigrations,
  MigrationFinding,
  MigrationsOptions,
  PlanMigrationsOptions,
  RepairMigrationsOptions,
  RevertedMigrations,
  RollbackMigrationsOptions,
  RunMigrationsOptions,
} from './migrations/environment-migrations.ts';
export { openEnvironment, type OpenEnvironmentOptions } from './open-environment.ts';
export type { Plan, PlannedService, PlanStep, StepKind } from './plan/plan.ts';
export type {
  DiffOptions,
  EnvironmentSecret,
  EnvironmentSecrets,
  InjectedService,
  InjectionResult,
  InjectOptions,
  LeftVolume,
  PlannedRotation,
  PolicyOptions,
  PreparedEnvironment,
  PreparedService,
  PrepareOptions,
  ReinjectionResult,
  ReinjectOptions,
  RotateOptions,
  RotationResult,
  RunCommandOptions,
  UploadOptions,
  UploadResult,
  VolumeOfService,
} from './secrets/environment-secrets.ts';
export type {
  EndedCommand,
  RotatedSecret,
  RotationEvent,
  SecretChange,
  SecretDifference,
  SecretsDiff,
  SecretsEvent,
} from '@maestro/secrets';
export type { ContainerSecretsEvent } from '@maestro/secrets/docker';
export type { PolicyDocument, PolicyUse } from '@maestro/secrets/aws';
