import fc from 'fast-check';
import { expect, it } from 'vitest';

import { contentHash } from './content-hash.ts';

it('does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(contentHash({ inner: reversed })).toBe(contentHash({ inner: object }));
    }),
  );
});

it('depends on the order of a list and on every value', () => {
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: '1' }));
  expect(contentHash({ a: 1 })).toMatch(/^sha256:[0-9a-f]{64}$/);
});
