import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readTrivyReport } from './trivy-report.ts';

const reference = `registry.test/shop-api@sha256:${'a'.repeat(64)}`;
const musl = {
  VulnerabilityID: 'CVE-2019-14697',
  PkgName: 'musl',
  InstalledVersion: '1.1.20-r4',
  FixedVersion: '1.1.20-r5',
  Severity: 'CRITICAL',
};
const result = (vulnerabilities?: unknown) => ({
  Target: 'alpine',
  Class: 'os-pkgs',
  Type: 'alpine',
  Vulnerabilities: vulnerabilities,
});
const document = (changes: object = {}) =>
  JSON.stringify({
    SchemaVersion: 2,
    ArtifactName: reference,
    ArtifactType: 'container_image',
    Metadata: { OS: { Family: 'alpine', Name: '3.9.4' } },
    Results: [result([musl])],
    ...changes,
  });

const findingsIn = (output: string) => {
  const read = readTrivyReport(output, reference);
  return 'report' in read ? read.report.findings : read.problem;
};

describe("a report of Trivy's", () => {
  it('tells of each vulnerability', () => {
    expect(readTrivyReport(document(), reference)).toEqual({
      report: {
        scanner: 'trivy',
        database: null,
        findings: [
          {
            id: 'CVE-2019-14697',
            severity: 'critical',
            package: 'musl',
            version: '1.1.20-r4',
            fixedIn: '1.1.20-r5',
          },
        ],
      },
    });
  });

  it.each([
    ['without any', undefined],
    ['with null', null],
    ['with an empty list', []],
  ])('may be one of an image that has none: %s', (_, vulnerabilities) => {
    expect(findingsIn(document({ Results: [result(vulnerabilities)] }))).toEqual([]);
  });

  it('has no fix and no rating where it does not say', () => {
    const bare = { VulnerabilityID: 'CVE-2026-1', PkgName: 'zlib', InstalledVersion: '1.2' };
    expect(findingsIn(document({ Results: [result([bare])] }))).toMatchObject([{ severity: 'unknown', fixedIn: null }]);
    const unheardOf = { ...bare, Severity: 'URGENT' };
    expect(findingsIn(document({ Results: [result([unheardOf])] }))).toMatchObject([{ severity: 'unknown' }]);
  });

  it('names a vulnerability once that several places have', () => {
    expect(findingsIn(document({ Results: [result([musl, musl]), result([musl])] }))).toHaveLength(1);
  });

  it.each([
    ['is no JSON', 'FATAL no such image'],
    ['is empty', ''],
    ['is another version', document({ SchemaVersion: 3 })],
    ['is the format before versions', JSON.stringify([result([musl])])],
    ['has a vulnerability without a name', document({ Results: [result([{ ...musl, VulnerabilityID: '' }])] })],
    ['has results that are none', document({ Results: 'none' })],
  ])('is none where it %s', (_, output) => {
    expect(findingsIn(output)).toBe('it printed no whole report in JSON');
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', []],
  ])('is none of an image in which nothing is known: results are %s', (_, results) => {
    expect(findingsIn(document({ Results: results }))).toBe('it found nothing in it that it knows');
  });

  it('is none of this image where it names another', () => {
    expect(findingsIn(document({ ArtifactName: 'alpine:3.9' }))).toBe('it reports on alpine:3.9');
  });

  it('is none where its end is missing, wherever it is cut', () => {
    const whole = document();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(findingsIn(whole.slice(0, length))).toBe('it printed no whole report in JSON');
      }),
    );
  });
});
