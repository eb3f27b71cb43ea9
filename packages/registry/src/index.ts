export type { ComposeFinding } from './compose/import/compose-finding.ts';
export { importCompose, type ImportComposeOptions, type ImportedCompose } from './compose/import/import-compose.ts';
export { isRenderedCompose, renderCompose, type RenderComposeOptions } from './compose/render-compose.ts';
export { defineRegistry, type EnvironmentInput, type RegistryInput, type ServiceInput } from './define-registry.ts';
export { RegistryError, type RegistryErrorCode, type RegistryProblem } from './errors.ts';
export { type LoadedRegistry, loadRegistry, type LoadRegistryOptions } from './load-registry.ts';
export { dependencyWaves, type Dependent, selectServices } from './plan/dependencies.ts';
export {
  type AffectedKind,
  type AffectedQuery,
  type AffectedReason,
  type AffectedService,
  affectedServices,
} from './queries/affected-services.ts';
export {
  diffEnvironments,
  type DiffOptions,
  diffRegistries,
  type RegistryDiff,
  type ServiceDiff,
} from './queries/diff-registries.ts';
export { formatDiff } from './queries/format-diff.ts';
export { type SettingChange } from './queries/setting-changes.ts';
export type { Base, EnvironmentDefinition, Registry, Service } from './registry-schema.ts';
export type { ResolvedBase, ResolvedImage, ResolvedImages, ResolvedRetention } from './resolve-images.ts';
export {
  type DatabaseAddress,
  databaseSecrets,
  type ResolvedDatabase,
  type ResolvedRotation,
  type ResolvedServerDatabase,
  type ResolvedSqliteDatabase,
} from './resolve-database.ts';
export {
  type ContainerUser,
  type ResolvedEnvironment,
  resolveEnvironment,
  type ResolvedSecrets,
  type ResolvedService,
} from './resolve-environment.ts';
export { type ResolvedContainer, type ResolvedMount } from './resolve-container.ts';
export { type ReleaseStage, releaseStages } from './gates-schema.ts';
export { type ResolvedCommand, type ResolvedCoverage, type ResolvedGate, type ResolvedHook } from './resolve-gates.ts';
export { type ResolvedHealth } from './resolve-health.ts';
export { type ResolvedCertificate, type ResolvedProxy, type ResolvedStrategy } from './resolve-traffic.ts';
