import { expect, it } from 'vitest';

import { formatBytes } from './sizes.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [87_000_000, '87 MB'],
  [3_200_000_000_000_000, '3200 TB'],
])('says %d bytes as %s', (bytes, said) => {
  expect(formatBytes(bytes)).toBe(said);
});
