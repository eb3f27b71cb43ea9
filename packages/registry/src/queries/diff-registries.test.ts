import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RegistryInput } from '../define-registry.ts';
import { type Registry, registrySchema } from '../registry-schema.ts';
import { resolveEnvironment } from '../resolve-environment.ts';
import { diffEnvironments, diffRegistries } from './diff-registries.ts';
import { formatDiff } from './format-diff.ts';

const shop = {
  project: 'shop',
  services: {
    api: { context: 'services/api', command: ['node', 'api.ts'], environment: { LEVEL: 'quiet' } },
    web: { context: 'services/web', command: ['node', 'web.ts'], dependsOn: ['api'] },
  },
  environments: {
    demo: { runtime: 'embedded', proxy: { port: 8080 } },
    production: {
      runtime: 'embedded',
      proxy: { port: 80 },
      bakeMs: 30_000,
      services: { api: { environment: { LEVEL: 'canary-value', TRACE: 'canary-value' }, drainTimeoutMs: 5 } },
    },
  },
} satisfies RegistryInput;

const changed = {
  ...shop,
  services: {
    api: { ...shop.services.api, environment: { LEVEL: 'canary-value' }, route: { path: '/api' } },
    cache: { context: 'services/cache', command: ['cache'] },
  },
  environments: {
    ...shop.environments,
    staging: { runtime: 'embedded', proxy: { port: 81 }, environment: { A: 'canary-value' } },
  },
} satisfies RegistryInput;

describe('diffRegistries', () => {
  it('tells services that came, went and changed, and other settings, each with its path', () => {
    const diff = diffRegistries(registry(shop), registry(changed));
    expect(diff.services).toEqual({
      added: ['cache'],
      removed: ['web'],
      changed: [
        {
          name: 'api',
          changes: [
            { path: 'services.api.environment.LEVEL', kind: 'changed' },
            { path: 'services.api.route', kind: 'added', after: { path: '/api' } },
          ],
        },
      ],
    });
    expect(diff.settings).toMatchObject([{ path: 'environments.staging', kind: 'added' }]);
  });

  it('keeps the values of variables out unless they are asked for', () => {
    const pairs = [diffRegistries(registry(shop), registry(changed)), diffEnvironments(...environments())];
    for (const diff of pairs) expect(JSON.stringify(diff)).not.toContain('canary-value');
    const shown = diffRegistries(registry(shop), registry(changed), { showVariables: true });
    expect(shown.services.changed[0]?.changes[0]).toEqual({
      path: 'services.api.environment.LEVEL',
      kind: 'changed',
      before: 'quiet',
      after: 'canary-value',
    });
  });
});

describe('diffEnvironments', () => {
  it('compares what is run, not how it is written or where', () => {
    const [demo, production] = environments();
    expect(formatDiff(diffEnvironments(demo, production))).toBe(
      [
        '~ services.api.environment.LEVEL',
        '+ services.api.environment.TRACE',
        '~ services.api.drainTimeoutMs: 30000 -> 5',
        '~ proxy.port: 8080 -> 80',
        '~ bakeMs: 0 -> 30000',
        '~ stateFolder: ".maestro/demo" -> ".maestro/production"',
      ].join('\n'),
    );
    expect(formatDiff(diffEnvironments(...environments('/elsewhere')))).toBe(
      formatDiff(diffEnvironments(...environments())),
    );
    expect(formatDiff(diffEnvironments(demo, demo))).toBe('no differences');
  });
});

describe('formatDiff', () => {
  it('writes a line a difference, and cuts long values off', () => {
    const text = formatDiff(diffRegistries(registry(shop), registry(changed)));
    expect(text.split('\n')).toEqual([
      '+ services.cache',
      '- services.web',
      '~ services.api.environment.LEVEL',
      '+ services.api.route: {"path":"/api"}',
      expect.stringMatching(/^\+ environments\.staging: \{"runtime":"embedded",.{1,100}…$/) as string,
    ]);
  });
});

describe('diffRegistries, of any two', () => {
  const name = fc.constantFrom('api', 'web', 'environment', 'args');
  const service = fc.record(
    {
      context: fc.constantFrom('a', 'b'),
      command: fc.constantFrom<string[]>(['x'], ['x', 'y']),
      environment: fc.dictionary(fc.constantFrom('A', 'B'), fc.stringMatching(/^secret-[a-z]{6}$/)),
      drainTimeoutMs: fc.nat({ max: 2 }),
    },
    { requiredKeys: ['context', 'command'] },
  );
  const any = fc.dictionary(name, service).map((services) => registry({ ...shop, services, environments: {} }));

  it('finds none in the same, and the opposite the other way round', () => {
    const property = fc.property(any, any, (one, other) => {
      expect(formatDiff(diffRegistries(one, structuredClone(one)))).toBe('no differences');
      const there = diffRegistries(one, other);
      const back = diffRegistries(other, one);
      expect(back.services.added.toSorted()).toEqual(there.services.removed.toSorted());
      expect(changesOf(back)).toEqual(changesOf(there).map(opposite).toSorted());
      expect(formatDiff(there) === 'no differences').toBe(
        JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)),
      );
    });
    fc.assert(property);
  });

  it('never tells what a variable holds', () => {
    const property = fc.property(any, any, (one, other) => {
      expect(JSON.stringify(diffRegistries(one, other))).not.toContain('secret-');
      expect(formatDiff(diffRegistries(one, other))).not.toContain('secret-');
    });
    fc.assert(property);
  });
});

function changesOf({ services }: ReturnType<typeof diffRegistries>): readonly string[] {
  return services.changed.flatMap(({ changes }) => changes.map(({ path, kind }) => `${kind} ${path}`)).toSorted();
}

function opposite(change: string): string {
  return change.replace(/^(?:added|removed)/, (kind) => (kind === 'added' ? 'removed' : 'added'));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function environments(second = '/shop') {
  const resolved = (root: string, name: string) =>
    resolveEnvironment({ file: `${root}/maestro.config.ts`, root, registry: registry(shop) }, name);
  return [resolved('/shop', 'demo'), resolved(second, 'production')] as const;
}

function registry(input: RegistryInput): Registry {
  return registrySchema.parse(input);
}
