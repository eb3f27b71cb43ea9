import { describe, it } from 'vitest';

import { managedSecretStoreContract, MemorySecretStore, secretStoreContract } from '../testing.ts';

const reading = secretStoreContract((secrets) => {
  const store = new MemorySecretStore(secrets);
  return Promise.resolve({
    store,
    put: (name, value) => {
      store.set(name, value);
      return Promise.resolve();
    },
  });
});

const writing = managedSecretStoreContract((secrets) => {
  const store = new MemorySecretStore(secrets);
  return Promise.resolve({
    store,
    delete: (name) => {
      store.delete(name);
      return Promise.resolve();
    },
  });
});

describe('keeps the contract of a store', () => {
  for (const { name, run } of reading) it(name, run);
});

describe('keeps the contract of a store that can be written to', () => {
  for (const { name, run } of writing) it(name, run);
});
