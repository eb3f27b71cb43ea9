import { describe, expect, expectTypeOf, it } from 'vitest';

import { defineRegistry, type RegistryInput } from './define-registry.ts';
import type { Registry } from './registry-schema.ts';

const demo = { runtime: 'embedded', proxy: { port: 0 } } as const;
const api = { context: 'api', command: ['node'] };

it('gives a registry back as it is, with the names of its services in its type', () => {
  const written = {
    project: 'shop',
    services: {
      api: { context: 'api', command: ['node', 'main.ts'] },
      web: { context: 'web', command: ['node', 'main.ts'], dependsOn: ['api'] as 'api'[], route: {} },
    },
    environments: { demo: { ...demo, services: { web: { route: { path: '/web' }, environment: { LOG: 'debug' } } } } },
  };
  const registry = defineRegistry(written);
  expect(registry).toBe(written);
  expectTypeOf(registry).toEqualTypeOf<RegistryInput<'api' | 'web'>>();
});

describe('names of services', () => {
  type Names = 'api' | 'web';
  type Whole = RegistryInput<Names>;
  type Environment = NonNullable<Whole['environments'][string]>;

  it('are those that dependsOn and environments may name', () => {
    expectTypeOf<NonNullable<Whole['services']['web']['dependsOn']>>().toEqualTypeOf<Names[]>();
    expectTypeOf<keyof NonNullable<Environment['services']>>().toEqualTypeOf<Names>();
    expectTypeOf<NonNullable<NonNullable<Whole['defaults']>['dependsOn']>>().toEqualTypeOf<Names[]>();
  });

  it('are refused where there is no such service: in dependsOn', () => {
    defineRegistry({
      project: 'shop',
      services: {
        api,
        // @ts-expect-error -- there is no service `apii`
        web: { ...api, dependsOn: ['apii'] },
      },
      environments: { demo },
    });
  });

  it('are refused where there is no such service: in defaults', () => {
    // @ts-expect-error -- there is no service `db`
    defineRegistry({ project: 'shop', defaults: { dependsOn: ['db'] }, services: { api }, environments: { demo } });
  });

  it('are refused where there is no such service: in an environment', () => {
    defineRegistry({
      project: 'shop',
      services: { api },
      environments: {
        // @ts-expect-error -- there is no service `web`
        demo: { ...demo, services: { web: {} } },
        production: {
          ...demo,
          // @ts-expect-error -- there is no service `apii`
          services: { api: { dependsOn: ['apii'] } },
        },
      },
    });
  });

  it('may be those of registries that are included', () => {
    defineRegistry({
      include: ['../platform/maestro.config.yaml'],
      services: { web: { ...api, dependsOn: ['gateway'] }, gateway: { container: { replicas: 2 } } },
      environments: { demo: { services: { 'quality-fabric': { environment: { LOG: 'debug' } } } } },
    });
  });
});

describe('keys', () => {
  it('are refused where there are none of that name', () => {
    defineRegistry({
      project: 'shop',
      services: { api },
      environments: {
        // @ts-expect-error -- a service has no `helth`
        production: { ...demo, services: { api: { helth: {} } } },
        // @ts-expect-error -- an environment has no `runtme`
        demo: { ...demo, runtme: 'docker' },
      },
    });
    defineRegistry({
      include: ['platform.yaml'],
      // @ts-expect-error -- a service has no `helth`
      services: { api: { ...api, helth: {} } },
    });
  });

  it('are refused with values of another kind', () => {
    defineRegistry({
      project: 'shop',
      services: {
        // @ts-expect-error -- a strategy is none of these
        api: { ...api, strategy: 'rolling' },
        // @ts-expect-error -- replicas are a number
        web: { ...api, container: { replicas: '2' } },
      },
      environments: {
        // @ts-expect-error -- of two databases' keys only one's
        demo: { ...demo, secrets: { source: 'dotenv', regions: ['eu-central-1'] } },
      },
    });
  });

  it('are missed where a registry is whole, and only there', () => {
    // @ts-expect-error -- a service needs a context
    defineRegistry({ project: 'shop', services: { api: { command: ['node'] } }, environments: { demo } });
    // @ts-expect-error -- a registry needs a project
    defineRegistry({ services: { api }, environments: { demo } });
    defineRegistry({ include: ['platform.yaml'] });
  });
});

it('takes a registry with its defaults filled in for one as it is written', () => {
  expectTypeOf<Registry>().toExtend<RegistryInput>();
});
