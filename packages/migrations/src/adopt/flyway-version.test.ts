import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { flywayVersion, isUpToVersion } from './flyway-version.ts';

describe('flywayVersion', () => {
  it.each([
    ['1', '1'],
    ['001', '1'],
    ['1.0', '1'],
    ['1_2', '1.2'],
    ['1.0.10.00', '1.0.10'],
    ['0', '0'],
    ['20230101120000', '20230101120000'],
  ])('writes %s as %s', (written, version) => {
    expect(flywayVersion(written)).toBe(version);
  });
});

const versions = fc.array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { minLength: 1, maxLength: 4 });

describe('isUpToVersion', () => {
  it('orders part by part, by number, the missing ones being 0', () => {
    const property = fc.property(versions, versions, (one, other) => {
      const order =
        [0, 1, 2, 3].map((at) => (one[at] ?? 0n) - (other[at] ?? 0n)).find((difference) => difference !== 0n) ?? 0n;
      expect(isUpToVersion(one.join('.'), other.join('_'))).toBe(order <= 0n);
    });
    fc.assert(property);
  });
});
