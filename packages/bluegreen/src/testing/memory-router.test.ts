import { it } from 'vitest';

import { MemoryRouter } from './memory-router.ts';
import { routerContract } from './router-contract.ts';

const contract = routerContract(() => {
  const router = new MemoryRouter();
  return Promise.resolve({
    router,
    ask: (url, headers) => Promise.resolve(router.destination(url, headers)?.slot ?? null),
    begin: (url) => {
      const end = router.begin(url);
      return Promise.resolve(() => {
        end();
        return Promise.resolve();
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

for (const { name, run } of contract) it(name, run);
