import { expect, it } from 'vitest';

import type { Finding } from '../ports/vulnerability-scanner.ts';
import { distinct } from './findings.ts';

const finding: Finding = { id: 'CVE-2026-1', severity: 'low', package: 'zlib', version: '1.2', fixedIn: null };

it('keeps the worst of what is said of one vulnerability of a package', () => {
  const mendable = { ...finding, severity: 'high', fixedIn: '1.3' } as const;
  const elsewhere = { ...finding, version: '1.1' };
  expect(distinct([finding, { ...finding, severity: 'high' }, mendable, elsewhere, finding])).toEqual([
    mendable,
    elsewhere,
  ]);
});
