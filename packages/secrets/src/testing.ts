export { containerSecretsContract, type ContainerSecretsSubject } from './testing/container-secrets-contract.ts';
export { loginDatabaseContract, type LoginDatabaseSubject } from './testing/login-database-contract.ts';
export { type ManagedSecretStoreSubject, managedSecretStoreContract } from './testing/managed-secret-store-contract.ts';
export { MemoryContainerEngine, type MemoryContainerSecretsOptions } from './testing/memory-container-engine.ts';
export { MemoryLoginDatabase } from './testing/memory-login-database.ts';
export { MemorySecretStore } from './testing/memory-secret-store.ts';
export { type SecretStoreSubject, secretStoreContract } from './testing/secret-store-contract.ts';
export {
  FakeSecretsManager,
  type FakeSecretsManagerOptions,
  type FakeStoreOptions,
  type OrderedError,
  type OrderedFailure,
  type RecordedCall,
  type RotationLambda,
  type SecretRefusal,
} from './testing/secrets-manager/fake-secrets-manager.ts';
export { type SecretsManagerServer, serveSecretsManager } from './testing/secrets-manager/secrets-manager-server.ts';
