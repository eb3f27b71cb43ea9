import fc from 'fast-check';
import { expect, it } from 'vitest';

import { batchesOf, needsOf } from './needs.ts';

it('asks once for what several services need', () => {
  const services = [
    { name: 'api', secrets: ['DB', 'KEY', 'DB'] },
    { name: 'worker', secrets: ['DB'] },
  ];
  expect(needsOf(services)).toEqual([
    { name: 'DB', version: undefined, services: ['api', 'worker'] },
    { name: 'KEY', version: undefined, services: ['api'] },
  ]);
});

it('asks for each version that a rollback brings back', () => {
  const services = [
    { name: 'api', secrets: ['DB'] },
    { name: 'worker', secrets: ['DB', 'KEY'] },
  ];
  const needs = needsOf(services, { api: { DB: 'v1' }, worker: { DB: 'v2' } });
  expect(needs).toEqual([
    { name: 'DB', version: 'v1', services: ['api'] },
    { name: 'DB', version: 'v2', services: ['worker'] },
    { name: 'KEY', version: undefined, services: ['worker'] },
  ]);
  expect(batchesOf(needs).map((batch) => batch.map(({ name, version }) => [name, version]))).toEqual([
    [
      ['DB', 'v1'],
      ['KEY', undefined],
    ],
    [['DB', 'v2']],
  ]);
});

it('puts every need into exactly one batch, and a name at most once into each', () => {
  const name = fc.constantFrom('A', 'B', 'C');
  const need = fc.record({ name, version: fc.constantFrom('v1', 'v2', undefined), services: fc.constant(['api']) });
  fc.assert(
    fc.property(fc.array(need), (needs) => {
      const batches = batchesOf(needs);
      expect(new Set(batches.flat())).toEqual(new Set(needs));
      expect(batches.flat()).toHaveLength(needs.length);
      for (const batch of batches) expect(new Set(batch.map(({ name }) => name)).size).toBe(batch.length);
    }),
  );
});
