import { expect, it } from 'vitest';

import { levelsOf, shopGraph } from './build-graph.ts';

it('puts what can be built at once on a level, after all that it needs', () => {
  expect(levelsOf(shopGraph)).toEqual([
    ['runtime', 'tools'],
    ['api', 'shop', 'cart', 'mail', 'jobs', 'search', 'stock', 'prices'],
    ['web', 'admin', 'reports'],
    ['gateway'],
  ]);
});

it('has a longest chain with a service of each level', () => {
  const { chain } = shopGraph;
  expect(levelsOf(shopGraph).map((level) => level.filter((name) => chain.includes(name)))).toEqual(
    chain.map((name) => [name]),
  );
});

it('refuses services that need one another', () => {
  const service = (name: string, need: string) => ({ name, base: 'runtime', dependsOn: [need] });
  const services = [service('one', 'two'), service('two', 'one')];
  expect(() => levelsOf({ bases: ['runtime'], services, chain: [] })).toThrow('need one another');
});
