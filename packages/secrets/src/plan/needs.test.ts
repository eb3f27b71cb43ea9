import fc from 'fast-check';
import { expect, it } from 'vitest';

import { batchesOf, needsOf, pinsOf, variablesOf, wantsOf } from './needs.ts';

it('asks once for what several services need', () => {
  const services = [
    { name: 'api', secrets: ['DB', 'KEY', 'DB'] },
    { name: 'worker', secrets: ['DB'] },
  ];
  expect(needsOf(wantsOf(services))).toEqual([
    { name: 'DB', pin: undefined, services: ['api', 'worker'], through: [] },
    { name: 'KEY', pin: undefined, services: ['api'], through: [] },
  ]);
});

it('asks for each version that a rollback brings back', () => {
  const services = [
    { name: 'api', secrets: ['DB'] },
    { name: 'worker', secrets: ['DB', 'KEY'] },
  ];
  const needs = needsOf(wantsOf(services), pinsOf({ api: { DB: 'v1' }, worker: { DB: 'v2' } }));
  expect(needs).toEqual([
    { name: 'DB', pin: { version: 'v1' }, services: ['api'], through: [] },
    { name: 'DB', pin: { version: 'v2' }, services: ['worker'], through: [] },
    { name: 'KEY', pin: undefined, services: ['worker'], through: [] },
  ]);
  expect(batchesOf(needs).map((batch) => batch.map(({ name, pin }) => [name, pin?.version]))).toEqual([
    [
      ['DB', 'v1'],
      ['KEY', undefined],
    ],
    [['DB', 'v2']],
  ]);
});

it('puts every need into exactly one batch, and a name at most once into each', () => {
  const name = fc.constantFrom('A', 'B', 'C');
  const need = fc.record({ name, version: fc.constantFrom('v1', 'v2', undefined) });
  fc.assert(
    fc.property(fc.array(need), (needs) => {
      const batches = batchesOf(needs);
      expect(new Set(batches.flat())).toEqual(new Set(needs));
      expect(batches.flat()).toHaveLength(needs.length);
      for (const batch of batches) expect(new Set(batch.map(({ name }) => name)).size).toBe(batch.length);
    }),
  );
});

it('fetches a secret once, whichever of its keys are needed', () => {
  const services = [{ name: 'api', secrets: { DB_USER: 'shop/db#user', DB_PASSWORD: 'shop/db#password' } }];
  expect(needsOf(wantsOf(services)).map(({ name }) => name)).toEqual(['shop/db']);
  expect(services.flatMap(variablesOf)).toEqual([
    ['DB_USER', 'shop/db#user'],
    ['DB_PASSWORD', 'shop/db#password'],
  ]);
});

it('takes no version from what objects inherit', () => {
  const pinFor = pinsOf({ api: {} });
  expect(pinFor('constructor', 'name')).toBeUndefined();
  expect(pinFor('api', 'constructor')).toBeUndefined();
});
