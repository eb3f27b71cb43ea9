import { describeWith } from '@maestro/services/vitest';
import { it } from 'vitest';

import { routerContract } from '../../src/testing.ts';
import { beginAt, slotFrom } from './contract-requests.ts';
import { ask } from './environment.ts';
import { NginxEnvironment } from './nginx-environment.ts';

describeWith("the router by the machine's nginx", ['nginx'], (parts) => {
  const contract = routerContract(async () => {
    const environment = await NginxEnvironment.open({ program: parts().nginx.program });
    return {
      router: environment.nginx.router,
      ask: async (url, headers) => slotFrom(await ask(url, { headers: headers ?? {} })),
      begin: (url) => Promise.resolve(beginAt(url)),
      [Symbol.asyncDispose]: () => environment[Symbol.asyncDispose](),
    };
  });
  for (const { name, run } of contract) it(name, run);
});
