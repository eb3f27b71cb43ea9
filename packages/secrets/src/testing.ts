export { MemorySecretStore } from './testing/memory-secret-store.ts';
export { type SecretStoreSubject, secretStoreContract } from './testing/secret-store-contract.ts';
