export { ecrCredentials, type EcrCredentialsOptions } from './adapters/ecr/ecr-credentials.ts';
export { isEcrRegistry } from './adapters/ecr/ecr-registry.ts';
export { type EcrScannerOptions, openEcrScanner } from './adapters/ecr/ecr-vulnerability-scanner.ts';
export {
  type EcrRepositoryOptions,
  type EnsuredRepository,
  ensureEcrRepository,
} from './adapters/ecr/ensure-ecr-repository.ts';
