import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RegistryInput } from '../define-registry.ts';
import { registrySchema } from '../registry-schema.ts';
import { type ResolvedEnvironment, resolveEnvironment } from '../resolve-environment.ts';
import { affectedServices, type AffectedQuery } from './affected-services.ts';

const shop: RegistryInput<'web' | 'api' | 'assets'> = {
  project: 'shop',
  bases: { node: { context: 'bases/node', dockerfile: 'bases/node/Dockerfile' } },
  services: {
    web: {
      context: 'services/web',
      command: ['node', 'web.ts'],
      dependsOn: ['api'],
      image: { dockerfile: 'dockerfiles/web/Dockerfile' },
    },
    api: {
      context: 'services/api',
      command: ['node', 'api.ts'],
      secrets: ['TOKEN'],
      sharedPaths: ['libs/money', 'package-lock.json'],
      image: { dockerfile: 'dockerfiles/api/Dockerfile', context: 'services' },
    },
    assets: {
      context: 'services/assets',
      command: ['node', 'assets.ts'],
      image: { dockerfile: 'dockerfiles/assets/Dockerfile' },
    },
  },
  environments: {
    demo: { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: 'config/demo.env' } },
    production: { runtime: 'docker', proxy: { port: 80 }, secrets: { source: 'aws', regions: ['eu-central-1'] } },
  },
};

describe('affectedServices', () => {
  it('names what a file belongs to, with the first one and how many there are', () => {
    expect(affected('demo', ['services/api/src/a.ts', 'services/api/b.ts', 'README.md'])).toEqual({
      api: ['context: services/api/src/a.ts and 1 more changed'],
    });
    expect(affected('demo', ['services/web/web.ts'])).toEqual({ web: ['context: services/web/web.ts changed'] });
  });

  it('writes names with ends of lines or signs for terminals so that they do nothing', () => {
    expect(affected('demo', ['services/web/a\n\u001B[2Jb'])).toEqual({
      web: ['context: services/web/a\\u000a\\u001b[2Jb changed'],
    });
  });

  it('does not take a folder for another whose name begins the same', () => {
    expect(affected('demo', ['services/api-old/a.ts', 'services/apis', 'libs/money.ts'])).toEqual({});
  });

  it('counts Dockerfiles, their ignore files, what builds see and bases only where there are containers', () => {
    const files = ['dockerfiles/web/Dockerfile.dockerignore', 'dockerfiles/assets/Dockerfile', 'bases/node/a.sh'];
    expect(affected('demo', files)).toEqual({});
    const basesOf = { web: ['node'], api: [], assets: [] };
    expect(affected('production', files, { basesOf })).toEqual({
      web: [
        'dockerfile: dockerfiles/web/Dockerfile.dockerignore changed',
        'base: base image node: bases/node/a.sh changed',
      ],
      assets: ['dockerfile: dockerfiles/assets/Dockerfile changed'],
    });
    expect(affected('production', ['services/readme.md'])).toEqual({ api: ['context: services/readme.md changed'] });
  });

  it('takes a base for that of every service where nobody says which it is', () => {
    expect(Object.keys(affected('production', ['bases/node/Dockerfile']))).toEqual(['api', 'assets', 'web']);
  });

  it('knows shared paths, and the file with the secrets of those that have some', () => {
    expect(affected('demo', ['libs/money/index.ts', 'package-lock.json', 'config/demo.env'])).toEqual({
      api: ['shared: shared libs/money/index.ts and 1 more changed', 'secrets: config/demo.env changed'],
    });
  });

  it('takes a submodule, or a link in place of a folder, for everything in it', () => {
    expect(Object.keys(affected('demo', ['services']))).toEqual(['api', 'assets', 'web']);
    expect(affected('demo', ['services/api'])).toEqual({ api: ['context: services/api changed'] });
  });

  it('counts a file once, however many of the paths of a service it is below', () => {
    const { api } = affected('production', ['services/api/a.ts', 'services/api/b.ts', 'services/c.ts']);
    expect(api).toEqual(['context: services/api/a.ts and 2 more changed']);
  });

  it('takes all services where the registry changed and nobody knows what it was before', () => {
    expect(affected('demo', ['maestro.config.ts'])).toEqual({
      api: ['registry: maestro.config.ts changed'],
      assets: ['registry: maestro.config.ts changed'],
      web: ['registry: maestro.config.ts changed'],
    });
  });

  it('takes those that are defined otherwise where it is known', () => {
    const before = structuredClone(shop);
    Object.assign(before.services.web, { command: ['node', 'old.ts'], drainTimeoutMs: 1 });
    const services = { web: before.services.web, api: before.services.api };
    const files = ['maestro.config.ts'];
    expect(affected('demo', files, { before: environment('demo', before) })).toEqual({
      web: ['registry: services.web.command and 1 more settings changed'],
    });
    expect(affected('demo', files, { before: environment('demo', { ...before, services }) })).toMatchObject({
      assets: ['registry: new in the registry'],
    });
    expect(affected('demo', files, { before: environment('demo', shop) })).toEqual({});
  });

  it('takes all of them where the environment is another, but not for how releases are tried out', () => {
    const { demo } = shop.environments;
    const before = (changes: object) =>
      environment('demo', { ...shop, environments: { demo: { ...demo, ...changes } as never } });
    expect(affected('demo', [], { before: before({ bakeMs: 5, canary: { steps: [10], stepMs: 1 } }) })).toEqual({});
    expect(Object.keys(affected('demo', [], { before: before({ state: 'elsewhere' }) }))).toHaveLength(3);
  });

  it('adds what depends on the affected ones where that is asked for', () => {
    expect(affected('demo', ['services/api/a.ts'], { dependents: true })).toEqual({
      api: ['context: services/api/a.ts changed'],
      web: ['dependency: depends on api'],
    });
  });

  it('takes what nobody knows of for changed', () => {
    expect(affected('demo', [], { unknownFiles: ['services/web'] })).toEqual({
      web: ['context: services/web may have changed'],
    });
  });

  it('takes absolute paths as well', () => {
    expect(affected('demo', ['/shop/services/web/a', '/elsewhere/services/web/a'])).toEqual({
      web: ['context: services/web/a changed'],
    });
  });
});

describe('affectedServices, of any services and files', () => {
  const folder = fc.constantFrom('a', 'b', 'c').chain((first) => fc.constantFrom(first, `${first}/d`, `${first}/d/e`));
  const file = fc.tuple(folder, fc.constantFrom('x.ts', 'y.ts', 'd', '\uFFFD')).map((parts) => parts.join('/'));
  const services = fc.array(
    fc.record({
      context: folder,
      sharedPaths: fc.array(folder, { maxLength: 2 }),
      dependsOn: fc.array(fc.nat({ max: 5 }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const project = services.map((all) =>
    environment('demo', {
      project: 'any',
      services: Object.fromEntries(
        all.map(({ context, sharedPaths, dependsOn }, self) => [
          `s${self}`,
          {
            context,
            sharedPaths,
            command: ['run'],
            dependsOn: dependsOn.filter((other) => other < self).map((other) => `s${other}`),
          },
        ]),
      ),
      environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
    }),
  );

  it('finds exactly those with a path that a file is at, below or in place of', () => {
    const property = fc.property(project, fc.array(file, { maxLength: 8 }), (demo, changedFiles) => {
      const within = (one: string, other: string) => one === other || one.startsWith(`${other}/`);
      const expected = demo.services.filter(({ contextFolder, sharedPaths }) =>
        [contextFolder, ...sharedPaths.map((path) => join('/shop', path))].some((path) =>
          changedFiles.some((changed) => within(`/shop/${changed}`, path) || within(path, `/shop/${changed}`)),
        ),
      );
      expect(names({ environment: demo, changedFiles })).toEqual(expected.map(({ name }) => name));
    });
    fc.assert(property);
  });

  it('finds no fewer for more files, and with dependents no service whose dependency is found without it', () => {
    const property = fc.property(project, fc.array(file), fc.array(file), (demo, some, more) => {
      const fewer = names({ environment: demo, changedFiles: some });
      expect(names({ environment: demo, changedFiles: [...some, ...more] })).toEqual(
        expect.arrayContaining([...fewer]),
      );
      const all = names({ environment: demo, changedFiles: some, dependents: true });
      expect(all).toEqual(expect.arrayContaining([...fewer]));
      for (const { name, dependsOn } of demo.services) {
        const through = dependsOn.some((dependency) => all.includes(dependency));
        expect(all.includes(name)).toBe(fewer.includes(name) || through);
      }
    });
    fc.assert(property);
  });
});

function names(query: AffectedQuery): readonly string[] {
  return affectedServices(query).map(({ name }) => name);
}

/** `{ api: ['context: services/api/a.ts changed'] }` */
function affected(name: string, changedFiles: readonly string[], query: Partial<AffectedQuery> = {}) {
  const found = affectedServices({ environment: environment(name, shop), changedFiles, ...query });
  return Object.fromEntries(
    found.map((service) => [service.name, service.reasons.map(({ kind, summary }) => `${kind}: ${summary}`)]),
  );
}

function environment(name: string, registry: RegistryInput): ResolvedEnvironment {
  const loaded = {
    file: '/shop/maestro.config.ts',
    root: '/shop',
    files: ['/shop/maestro.config.ts'],
    registry: registrySchema.parse(registry),
  };
  return resolveEnvironment(loaded, name);
}
