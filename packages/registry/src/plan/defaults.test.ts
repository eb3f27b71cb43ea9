import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkRegistry } from '../checks/check-registry.ts';
import { resolveEnvironment } from '../resolve-environment.ts';
import { withDefaults } from './defaults.ts';
import { mergeService } from './merge-service.ts';

const command = ['node', 'main.ts'];

/** Parts of services that go together, whichever of them come from where. */
const anyPart = fc.record(
  {
    command: fc.constantFrom(command, ['deno', 'run']),
    drainTimeoutMs: fc.nat({ max: 9 }),
    environment: fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2')),
    secrets: fc.constantFrom([], ['TOKEN'], ['KEY', 'TOKEN']),
    health: fc.record(
      { path: fc.constantFrom('/a', '/b'), intervalMs: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: [] },
    ),
    database: fc.constantFrom<object>(
      { adapter: 'sqlite', file: 'shop.db' },
      { adapter: 'sqlite', file: 'shop.db', dump: 'schema.sql' },
      { adapter: 'postgresql', urlSecret: 'URL' },
    ),
  },
  { requiredKeys: [] },
);

describe('defaults', () => {
  it('are under a service, and an environment is over both', () => {
    const written = {
      project: 'shop',
      defaults: { command, drainTimeoutMs: 1, environment: { A: 'default', B: 'default', C: 'default' } },
      services: {
        api: { context: 'api', drainTimeoutMs: 2, environment: { B: 'service', C: 'service' } },
        web: { context: 'web' },
      },
      environments: {
        demo: {
          runtime: 'embedded',
          proxy: { port: 0 },
          environment: { A: 'of all', D: 'of all' },
          services: { api: { drainTimeoutMs: 3, environment: { C: 'environment' } } },
        },
      },
    };
    const checked = checkRegistry(written);
    if (!checked.valid) throw new Error(JSON.stringify(checked.problems));
    const place = { file: '/shop/maestro.config.ts', root: '/shop', registry: checked.registry };
    const told = resolveEnvironment(place, 'demo').services.map((one) => [
      one.name,
      one.drainTimeoutMs,
      one.environment,
    ]);
    expect(told).toEqual([
      ['api', 3, { A: 'default', B: 'service', C: 'environment', D: 'of all' }],
      ['web', 1, { A: 'default', B: 'default', C: 'default', D: 'of all' }],
    ]);
  });

  it('say what each service could say itself, as an environment says it over a service', () => {
    const anyService = anyPart.map((part) => ({ ...part, context: 'api' }));
    const property = fc.property(anyPart, fc.array(anyService, { minLength: 1, maxLength: 3 }), (defaults, parts) => {
      const secrets = { source: 'dotenv', file: '.env' };
      const rest = { project: 'shop', environments: { demo: { runtime: 'embedded', proxy: { port: 0 }, secrets } } };
      const services = Object.fromEntries(parts.map((part, index) => [`s${index}`, part]));
      const byHand = parts.map((part, index) => [`s${index}`, mergeService(defaults, part)] as const);
      const checked = checkRegistry({ ...rest, defaults, services });
      const expected = checkRegistry({ ...rest, services: Object.fromEntries(byHand) });
      expect(checked.valid).toBe(expected.valid);
      if (checked.valid) expect(checked).toEqual(expected);
    });
    fc.assert(property);
  });

  it('change nothing of what is written', () => {
    const property = fc.property(anyPart, anyPart, (defaults, api) => {
      const written = { defaults, services: { api } };
      const before = structuredClone(written);
      withDefaults(written);
      expect(written).toEqual(before);
    });
    fc.assert(property);
  });

  it.each([[{}], [null], ['text'], [{ services: 1, defaults: {} }], [{ services: { api: null }, defaults: { a: 1 } }]])(
    'leave alone what is no registry: %j',
    (written) => {
      expect(withDefaults(written)).toEqual(written);
    },
  );
});
