import { expect, expectTypeOf, it } from 'vitest';

import { defineRegistry, type RegistryInput } from './define-registry.ts';
import type { Registry } from './registry-schema.ts';

const demo = { runtime: 'embedded', proxy: { port: 0 } } as const;

it('gives a registry back as it is, with the names of its services in its type', () => {
  const registry = defineRegistry({
    project: 'shop',
    services: {
      api: { context: 'api', command: ['node', 'main.ts'] },
      web: { context: 'web', command: ['node', 'main.ts'], dependsOn: ['api'], route: {} },
    },
    environments: { demo: { ...demo, services: { web: { route: { path: '/web' }, environment: { LOG: 'debug' } } } } },
  });
  expect(Object.keys(registry.services)).toEqual(['api', 'web']);
  expectTypeOf(registry).toEqualTypeOf<RegistryInput<'api' | 'web'>>();
});

it('refuses a dependency on a service that is not there', () => {
  defineRegistry({
    project: 'shop',
    services: {
      api: { context: 'api', command: ['node'] },
      // @ts-expect-error -- there is no service `apii`
      web: { context: 'web', command: ['node'], dependsOn: ['apii'] },
    },
    environments: { demo },
  });
});

it('refuses to change a service that is not there, and keys that a service does not have', () => {
  defineRegistry({
    project: 'shop',
    services: { api: { context: 'api', command: ['node'] } },
    environments: {
      // @ts-expect-error -- there is no service `web`
      demo: { ...demo, services: { web: {} } },
      // @ts-expect-error -- a service has no `helth`
      production: { ...demo, services: { api: { helth: {} } } },
    },
  });
});

it('takes a registry with its defaults filled in for one as it is written', () => {
  expectTypeOf<Registry>().toExtend<RegistryInput>();
});
