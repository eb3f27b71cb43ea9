import { it } from 'vitest';

import { MemoryRouter } from './memory-router.ts';
import { MemoryRuntime } from './memory-runtime.ts';
import { runtimeContract } from './runtime-contract.ts';

const contract = runtimeContract(() => {
  const router = new MemoryRouter();
  const runtime = new MemoryRuntime({
    router,
    refusal: ({ command }) => (command[0] === 'broken' ? 'no such program' : undefined),
  });
  return Promise.resolve({
    runtime,
    command: ['serve'],
    brokenCommand: ['broken'],
    makeLive: async ({ service, slot }) => {
      await router.switchTo({ release: 'first', slots: { [service]: slot }, expected: null });
    },
    crash: (key) => {
      runtime.crash(key, 'exit code 3');
      return Promise.resolve();
    },
    print: (key, line) => {
      runtime.print(key, line);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

for (const { name, run } of contract) it(name, run);
