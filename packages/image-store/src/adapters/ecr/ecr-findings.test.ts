import type { EnhancedImageScanFinding, ImageScanFinding, VulnerablePackage } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';

import { basicFinding, enhancedFindings } from './ecr-findings.ts';

const basic = {
  name: 'CVE-2026-1',
  severity: 'HIGH',
  attributes: [
    { key: 'package_version', value: '1:1.2.13' },
    { key: 'package_name', value: 'zlib' },
    { key: 'CVSS2_SCORE', value: '7.5' },
  ],
} as const satisfies ImageScanFinding;

const curl: VulnerablePackage = { name: 'curl', version: '7.88.1', release: '10+deb12u8', epoch: 0 };
const enhanced = (changes: EnhancedImageScanFinding = {}, packages: readonly VulnerablePackage[] = [curl]) =>
  enhancedFindings({
    severity: 'MEDIUM',
    status: 'ACTIVE',
    packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-1', vulnerablePackages: [...packages] },
    ...changes,
  });

describe('a finding of basic scanning', () => {
  it('names the package; whether there is a fix is not known', () => {
    expect(basicFinding(basic)).toEqual({
      id: 'CVE-2026-1',
      severity: 'high',
      package: 'zlib',
      version: '1:1.2.13',
      fixedIn: '',
    });
  });

  it.each([
    ['CRITICAL', 'critical'],
    ['INFORMATIONAL', 'negligible'],
    ['UNDEFINED', 'unknown'],
    [undefined, 'unknown'],
  ] as const)('that AWS rates as %s is %s', (severity, expected) => {
    expect(basicFinding({ ...basic, severity }).severity).toBe(expected);
  });
});

describe('a finding of enhanced scanning', () => {
  it('is one for each package that has it, with its whole version', () => {
    const expat = { name: 'expat', version: '2.5', epoch: 1, fixedInVersion: '0:2.6-1' };
    expect(enhanced({ fixAvailable: 'PARTIAL' }, [curl, expat])).toEqual([
      { id: 'CVE-2026-1', severity: 'medium', package: 'curl', version: '7.88.1-10+deb12u8', fixedIn: '' },
      { id: 'CVE-2026-1', severity: 'medium', package: 'expat', version: '1:2.5', fixedIn: '0:2.6-1' },
    ]);
  });

  it.each<[string, VulnerablePackage, string | undefined, string | null]>([
    ['none, by the package', { fixedInVersion: 'NotAvailable' }, 'YES', null],
    ['none, by the finding', {}, 'NO', null],
    ['not told', {}, undefined, ''],
    ['told without a version', { fixedInVersion: '' }, 'YES', ''],
  ])('has a fix that is %s', (_, one, fixAvailable, expected) => {
    expect(enhanced({ fixAvailable }, [{ ...curl, ...one }])).toMatchObject([{ fixedIn: expected }]);
  });

  it('counts where a rule of AWS suppresses it, and not where it is closed', () => {
    expect(enhanced({ status: 'SUPPRESSED' })).toHaveLength(1);
    expect(enhanced({ status: 'CLOSED' })).toEqual([]);
  });

  it('counts where AWS says little of it', () => {
    expect(enhancedFindings({ severity: 'UNTRIAGED', title: 'code execution' })).toEqual([
      { id: 'code execution', severity: 'unknown', package: '', version: '', fixedIn: '' },
    ]);
  });
});
