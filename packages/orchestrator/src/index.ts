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

export {
  importComposeFile,
  type ImportComposeFileOptions,
  type ImportedComposeFile,
  renderComposeFile,
  type RenderComposeFileOptions,
  type RenderedComposeFile,
} from './compose/compose-files.ts';
export { examineEnvironment, type ExamineOptions } from './doctor/examine-environment.ts';
export type { CheckEvent, CheckFinding, CheckGroup, CheckStatus, Examination } from './doctor/finding.ts';
export type {
  DeployOptions,
  DriftStatus,
  Environment,
  EnvironmentProxy,
  EnvironmentStatus,
  InterruptedRelease,
  JobStatus,
  LockStatus,
  PlanOptions,
  ReleasedService,
  ReleaseOutcome,
  ReleaseResult,
  ResumeOptions,
  RollbackOptions,
  RunOptions,
  ServiceStatus,
  SlotStatus,
  UnjudgedVersions,
} from './environment.ts';
export { OrchestratorError, type OrchestratorErrorCode } from './errors.ts';
export type { ReleaseEvent } from './events.ts';
export type { ScriptContext, ScriptGate } from './gates/script-gate.ts';
export type { FailedHook, ScriptHook } from './hooks/script-hook.ts';
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
export type { LockHolder, LockSighting } from './lock/deployment-lock.ts';
export type { EnvironmentLock } from './lock/environment-lock.ts';
export type { Metric, MetricSample } from './operations/metrics.ts';
export { prometheusText } from './operations/prometheus-text.ts';
export type { ProxyView, RoutedServiceView, SlotView } from './operations/proxy-view.ts';
export type { ExecOptions, ExecResult } from './operations/run-beside.ts';
export type { LogsOptions, ServiceLogs } from './operations/service-logs.ts';
export type { LogLine } from '@maestro/bluegreen';
export { initProject, type InitOptions, type InitResult } from './init/init-project.ts';
export { openEnvironment, type OpenEnvironmentOptions } from './open-environment.ts';
export type { AffectedKind, AffectedReason, AffectedService, ComposeFinding } from '@maestro/registry';
export type { Plan, PlannedService, PlanStep, StepKind } from './plan/plan.ts';
export type { DocumentedService, ReleaseDocument } from './release/release-document.ts';
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
