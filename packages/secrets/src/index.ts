export { type SecretsErrorCode } from './errors.ts';
export { type SecretsEvent } from './events.ts';
export { type SecretVersions, type ServiceSecrets } from './plan/needs.ts';
export {
  type FetchedSecrets,
  type FetchSecretsOptions,
  type SecretFailure,
  type SecretFailureReason,
  type SecretStore,
  type StoredSecret,
} from './ports/secret-store.ts';
export { type PreparedSecrets, prepareSecrets, type PrepareSecretsOptions } from './prepare-secrets.ts';
export { revealAsEnvironment } from './reveal-as-environment.ts';
export { createScrubber, type Scrubber } from './scrubber.ts';
