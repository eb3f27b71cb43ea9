export { defineRegistry, type EnvironmentInput, type RegistryInput, type ServiceInput } from './define-registry.ts';
export { RegistryError, type RegistryErrorCode, type RegistryProblem } from './errors.ts';
export { type LoadedRegistry, loadRegistry, type LoadRegistryOptions } from './load-registry.ts';
export { dependencyWaves, type Dependent, selectServices } from './plan/dependencies.ts';
export type { Base, EnvironmentDefinition, Registry, Service } from './registry-schema.ts';
export type { ResolvedBase, ResolvedImage, ResolvedImages } from './resolve-images.ts';
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
export { type ResolvedHealth } from './resolve-health.ts';
export { type ResolvedCertificate, type ResolvedProxy, type ResolvedStrategy } from './resolve-traffic.ts';
