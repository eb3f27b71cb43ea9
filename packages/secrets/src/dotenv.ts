export { dotenvStore, type DotenvStoreOptions } from './adapters/dotenv/dotenv-secret-store.ts';
export { loadFingerprintKey } from './adapters/dotenv/fingerprint.ts';
