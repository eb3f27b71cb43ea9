import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { HistoryRow } from '../ports/migration-database.ts';
import { rowsToRevert } from './rollback-target.ts';

const history = (names: readonly string[]): HistoryRow[] =>
  names.map((name) => ({ name, checksum: '', phase: 'expand', at: '', durationMs: 0, by: '', version: 1 }));
const namesToRevert = (...call: Parameters<typeof rowsToRevert>) => rowsToRevert(...call).map(({ name }) => name);
const names = fc.uniqueArray(fc.stringMatching(/^\d{4}_[a-z]$/), { minLength: 1 });

it('goes back by steps in the reverse of the order applied, whatever the numbers are', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 20 }), (applied, steps) => {
      expect(namesToRevert('api', history(applied), { steps })).toEqual(applied.slice(-steps).reverse());
    }),
  );
});

it('goes back to a migration and keeps it', () => {
  fc.assert(
    fc.property(names, fc.nat(), (applied, seed) => {
      const index = seed % applied.length;
      const to = applied[index] ?? '';
      expect(namesToRevert('api', history(applied), { to })).toEqual(applied.slice(index + 1).reverse());
    }),
  );
});

it.each([0, -1, 1.5, Number.NaN])('refuses %s steps', (steps) => {
  expect(() => namesToRevert('api', history(['0001_a']), { steps })).toThrow(
    expect.objectContaining({ code: 'MIGRATIONS_BAD_TARGET' }),
  );
});

it('refuses to go back to what is not applied', () => {
  expect(() => namesToRevert('api', history(['0001_a']), { to: '0002_b' })).toThrow(
    "api: cannot roll back to '0002_b', expected an applied migration",
  );
});
