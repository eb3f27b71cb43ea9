export { type SecretsErrorCode } from './errors.ts';
export { type SecretsEvent } from './events.ts';
export {
  type CacheOptions,
  type GetSecretOptions,
  openSecrets,
  type OpenSecretsOptions,
  type ReadSecretsOptions,
  type Secrets,
} from './open-secrets.ts';
export { type SecretVersions, type ServiceSecrets } from './plan/needs.ts';
export {
  type CreateSecretOptions,
  type ListableStore,
  type ManagedSecretStore,
  type MoveStageOptions,
  type PutSecretOptions,
  type SecretDescription,
  type StoreCallOptions,
  type WriteSecretOptions,
  type WrittenSecret,
} from './ports/managed-secret-store.ts';
export {
  type FetchedSecrets,
  type FetchSecretsOptions,
  type SecretFailure,
  type SecretFailureReason,
  type SecretPin,
  type SecretStage,
  type SecretStore,
  type StoredSecret,
} from './ports/secret-store.ts';
export { type PreparedSecrets, prepareSecrets, type PrepareSecretsOptions } from './prepare-secrets.ts';
export { type Schema, type SchemaIssue, type SchemaResult } from './reading/schema.ts';
export type { SecretChange, SecretDifference, SecretsDiff } from './plan/secrets-diff.ts';
export { type DatabaseLogin, type LogInOptions, type LoginDatabase } from './ports/login-database.ts';
export { type RotatingSecretStore } from './ports/rotating-secret-store.ts';
export {
  type NamedSecret,
  type RotationStrategy,
  type SetSecretOptions,
  type StrategyCallOptions,
} from './ports/rotation-strategy.ts';
export {
  type ConnectSql,
  type DatabaseAddress,
  type DatabaseConnection,
  type SqlSession,
} from './ports/sql-session.ts';
export { revealAsEnvironment } from './reveal-as-environment.ts';
export { alternatingUsers, type AlternatingUsersOptions } from './rotation/alternating-users.ts';
export { generatedPassword } from './rotation/generated-password.ts';
export { rotateByService, type RotateByServiceOptions } from './rotation/rotate-by-service.ts';
export { type RotatedSecret, rotateSecret, type RotateSecretOptions } from './rotation/rotate-secret.ts';
export { type RotationEvent } from './rotation/rotation-event.ts';
export { singleUser, type SingleUserOptions } from './rotation/single-user.ts';
export {
  type ChangedSecret,
  type SecretsWatch,
  watchSecrets,
  type WatchSecretsOptions,
} from './rotation/watch-secrets.ts';
export { createScrubber, type Scrubber } from './scrubber.ts';
export { type EndedCommand, runWithSecrets, type RunWithSecretsOptions } from './run/run-with-secrets.ts';
export { diffSecrets, type DiffSecretsOptions } from './upload/diff-secrets.ts';
export { type UploadedSecrets, uploadSecrets, type UploadSecretsOptions } from './upload/upload-secrets.ts';
