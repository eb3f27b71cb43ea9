import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  dependencyCycles,
  dependencyWaves,
  type Dependent,
  inDependencyOrder,
  selectServices,
} from './dependencies.ts';

/** Services without circles, in any order: each depends on some of those with a lower number, or on strangers. */
const acyclic: fc.Arbitrary<Dependent[]> = fc
  .array(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), { maxLength: 10 })
  .map((all) =>
    all.map((numbers, self) => ({
      name: `service-${self}`,
      dependsOn: numbers.map((number) => (number < self ? `service-${number}` : `stranger-${number}`)),
    })),
  )
  .chain((services) => fc.shuffledSubarray(services, { minLength: services.length }));

const anyGraph: fc.Arbitrary<Dependent[]> = fc
  .array(fc.array(fc.nat({ max: 5 }), { maxLength: 3 }), { maxLength: 6 })
  .map((all) => all.map((numbers, self) => ({ name: `s${self}`, dependsOn: numbers.map((number) => `s${number}`) })));

const shop: readonly Dependent[] = [
  { name: 'web', dependsOn: ['api', 'assets'] },
  { name: 'api', dependsOn: ['auth'] },
  { name: 'assets', dependsOn: [] },
  { name: 'auth', dependsOn: [] },
];

describe('dependencyWaves', () => {
  it('groups what can start together, in the order in which the groups must start', () => {
    expect(dependencyWaves(shop)).toEqual([['assets', 'auth'], ['api'], ['web']]);
  });

  it('puts each service once, after all of its dependencies, and not a wave later than needed', () => {
    const property = fc.property(acyclic, (services) => {
      const waves = dependencyWaves(services);
      const waveOf = new Map(waves.flatMap((wave, index) => wave.map((name) => [name, index] as const)));
      expect(waves.flat().toSorted()).toEqual(services.map(({ name }) => name).toSorted());
      for (const { name, dependsOn } of services) {
        const needed = dependsOn.map((dependency) => waveOf.get(dependency) ?? -1);
        expect(waveOf.get(name)).toBe(Math.max(-1, ...needed) + 1);
      }
    });
    fc.assert(property);
  });

  it('refuses exactly the services that depend on one another, with the circle', () => {
    const property = fc.property(anyGraph, (services) => {
      const circular = dependencyCycles(services).length > 0;
      expect(throws(() => dependencyWaves(services))).toBe(circular ? 'REGISTRY_INVALID' : undefined);
    });
    fc.assert(property);
    const circle = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ];
    expect(() => dependencyWaves(circle)).toThrow('services depend on one another: a -> b -> a');
  });
});

describe('dependencyCycles', () => {
  it('follows real dependencies back to where it started', () => {
    const property = fc.property(anyGraph, (services) => {
      const dependsOn = new Map(services.map((service) => [service.name, service.dependsOn]));
      for (const cycle of dependencyCycles(services)) {
        expect(cycle.at(-1)).toBe(cycle[0]);
        cycle.slice(1).forEach((name, index) => {
          expect(dependsOn.get(cycle[index] ?? '')).toContain(name);
        });
      }
    });
    fc.assert(property);
  });

  it('finds each of several circles, and a service that depends on itself', () => {
    const services = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a', 'c'] },
      { name: 'c', dependsOn: ['c'] },
    ];
    expect(dependencyCycles(services)).toEqual([
      ['a', 'b', 'a'],
      ['c', 'c'],
    ]);
  });
});

describe('inDependencyOrder', () => {
  it('puts every service after what it depends on', () => {
    const property = fc.property(acyclic, (services) => {
      const names = inDependencyOrder(services).map(({ name }) => name);
      for (const { name, dependsOn } of services) {
        for (const dependency of dependsOn) expect(names.indexOf(dependency)).toBeLessThan(names.indexOf(name));
      }
    });
    fc.assert(property);
  });
});

describe('selectServices', () => {
  it('selects all services when none is named, and none when the list is empty', () => {
    expect(selectServices(shop).map(({ name }) => name)).toEqual(['assets', 'auth', 'api', 'web']);
    expect(selectServices(shop, [])).toEqual([]);
  });

  it('orders by dependencies also through services that are not named, and selects each once', () => {
    expect(selectServices(shop, ['web', 'auth', 'web']).map(({ name }) => name)).toEqual(['auth', 'web']);
  });

  it('suggests the nearest service for a name that is unknown', () => {
    expect(throws(() => selectServices(shop, ['api', 'asets']))).toBe('REGISTRY_UNKNOWN_SERVICE');
    expect(() => selectServices(shop, ['asets'])).toThrow('no service is named "asets"; did you mean "assets"?');
  });
});

function throws(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (isMaestroError(error)) return error.code;
    throw error;
  }
}
