import { once } from 'node:events';
import { request as httpRequest } from 'node:http';

import { describe, it } from 'vitest';

import type { InstanceKey } from '../../src/ports/runtime.ts';
import type { Slot } from '../../src/slots.ts';
import { routerContract, runtimeContract } from '../../src/testing.ts';
import { ask, serviceFile, TestEnvironment, until } from './environment.ts';

describe('the embedded runtime', () => {
  const contract = runtimeContract(async () => {
    const environment = await TestEnvironment.open();
    const { runtime } = environment.embedded;
    await environment.embedded.ensureRunning();
    const reach = async (key: InstanceKey, path: string) => {
      const instances = await runtime.observe();
      const instance = instances.find(({ service, slot }) => service === key.service && slot === key.slot);
      const url = `http://127.0.0.1:${instance?.address.port ?? 0}`;
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

function slotFrom({ status, body }: { readonly status: number; readonly body: string }): Slot | null {
  return status === 200 && (body === 'blue' || body === 'green') ? body : null;
}

/** A request whose body ends when the function returned is called: only then does the service answer. */
function beginAt(url: string): () => Promise<void> {
  const request = httpRequest(url, { method: 'POST', agent: false });
  const answered = once(request, 'response');
  request.write('begun');
  return async () => {
    request.end();
    await answered;
  };
}
