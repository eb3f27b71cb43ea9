import { describe, it } from 'vitest';

import type { InstanceKey } from '../../src/ports/runtime.ts';
import { routerContract, runtimeContract } from '../../src/testing.ts';
import { beginAt, slotFrom } from './contract-requests.ts';
import { ask, serviceFile, TestEnvironment, until, urlOf } from './environment.ts';

describe('the embedded runtime', () => {
  const contract = runtimeContract(async () => {
    const environment = await TestEnvironment.open();
    const { runtime } = environment.embedded;
    await environment.embedded.ensureRunning();
    const reach = async (key: InstanceKey, path: string) => {
      const instances = await runtime.observe();
      const instance = instances.find(({ service, slot }) => service === key.service && slot === key.slot);
      const url = urlOf({ addresses: instance?.addresses ?? [] });
      await until(() =>
        ask(`${url}/health`).then(
          () => true,
          () => false,
        ),
      );
      // It may be gone before it answers.
      await ask(url + path).catch(() => undefined);
    };
    return {
      runtime,
      command: [process.execPath, serviceFile],
      brokenCommand: ['/no/such/program'],
      makeLive: async ({ service, slot }) => {
        await environment.switchTo({ [service]: slot });
      },
      crash: (key) => reach(key, '/exit?code=3'),
      print: (key, line) => reach(key, `/print?line=${line}`),
      [Symbol.asyncDispose]: () => environment.dispose(),
    };
  });
  for (const { name, run } of contract) it(name, run);
});

describe('the embedded router', () => {
  const contract = routerContract(async () => {
    const environment = await TestEnvironment.open();
    await environment.embedded.ensureRunning();
    const places = (['api', 'web'] as const).flatMap((service) =>
      (['blue', 'green'] as const).map((slot) => ({ service, slot })),
    );
    await Promise.all(places.map((place) => environment.start(place)));
    return {
      router: environment.embedded.router,
      ask: async (url, headers) => slotFrom(await ask(url, { headers: headers ?? {} })),
      begin: (url) => Promise.resolve(beginAt(url)),
      [Symbol.asyncDispose]: () => environment.dispose(),
    };
  });
  for (const { name, run } of contract) it(name, run);
});
