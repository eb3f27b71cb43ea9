import { describe, it } from 'vitest';

import { containerSecretsContract } from './container-secrets-contract.ts';
import { MemoryContainerEngine } from './memory-container-engine.ts';

describe('keeps the contract of secrets in the memory of an engine', () => {
  const create = () => {
    const engine = new MemoryContainerEngine();
    let containers = 0;
    return Promise.resolve({
      open: (environment: string, onEvent?: Parameters<MemoryContainerEngine['open']>[0]['onEvent']) =>
        engine.open({ project: 'shop', environment, onEvent }),
      read: ({ volume }: { readonly volume: string }) =>
        Promise.resolve(engine.filesIn(volume) ?? new Map<string, Uint8Array>()),
      occupy: ({ volume }: { readonly volume: string }) => {
        const container = `user-${(containers += 1)}`;
        engine.run(container, volume);
        const leave = () => {
          engine.removeContainer(container);
          return Promise.resolve();
        };
        return Promise.resolve({ container, [Symbol.asyncDispose]: leave });
      },
      empty: ({ volume }: { readonly volume: string }) => {
        engine.empty(volume);
        return Promise.resolve();
      },
    });
  };
  for (const { name, run } of containerSecretsContract(create)) it(name, run);
});
