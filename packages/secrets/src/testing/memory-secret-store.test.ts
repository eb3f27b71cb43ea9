import { it } from 'vitest';

import { MemorySecretStore, secretStoreContract } from '../testing.ts';

const contract = secretStoreContract((secrets) => {
  const store = new MemorySecretStore(secrets);
  return Promise.resolve({
    store,
    put: (name, value) => {
      store.put(name, value);
      return Promise.resolve();
    },
  });
});

for (const { name, run } of contract) it(name, run);
