import { isMaestroError, type MaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import type { ScanEvent } from '../events.ts';
import type { Finding, VulnerabilityScanner } from '../ports/vulnerability-scanner.ts';
import { MemoryVulnerabilityScanner } from '../testing/memory-vulnerability-scanner.ts';
import type { ScanPolicy } from './judge.ts';
import { scanImages } from './scan-images.ts';

const api = { repository: 'shop-api', digest: `sha256:${'a'.repeat(64)}` };
const web = { repository: 'shop-web', digest: `sha256:${'b'.repeat(64)}` };
const bad: Finding = { id: 'CVE-2026-1', severity: 'critical', package: 'zlib', version: '1.2', fixedIn: '1.3' };
const worse: Finding = { ...bad, id: 'CVE-2026-0', package: 'musl', fixedIn: null };
const minor: Finding = { ...bad, id: 'CVE-2026-2', severity: 'low' };

async function scan(scanner: VulnerabilityScanner, policy: Partial<ScanPolicy> = {}, signal?: AbortSignal) {
  const events: ScanEvent[] = [];
  const options = { images: [api, web], policy: { failOn: 'high', allow: [], ...policy }, signal } as const;
  const work = scanImages({ ...options, scanner, clock: new ManualClock(), onEvent: (event) => events.push(event) });
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as MaestroError,
  );
  return { events, error, outcome: error === undefined ? await work : undefined };
}

function scannerOf(ofApi: readonly Finding[], ofWeb: readonly Finding[]): MemoryVulnerabilityScanner {
  const scanner = new MemoryVulnerabilityScanner();
  scanner.set(api, ofApi);
  scanner.set(web, ofWeb);
  return scanner;
}

describe('the scan gate', () => {
  it('lets images pass, and tells what each has', async () => {
    const { outcome, events } = await scan(scannerOf([minor], []));
    expect(outcome?.images.map(({ image, report }) => [image, report.findings.length])).toEqual([
      [api, 1],
      [web, 0],
    ]);
    expect(events.filter(({ type }) => type === 'image-scan-finished')).toMatchObject([
      { repository: 'shop-api', scanner: 'memory', findings: 1, refused: 0, allowed: 0 },
      { repository: 'shop-web', findings: 0 },
    ]);
  });

  it('refuses all of them for one that is bad, the worst first, with the next step', async () => {
    const { error } = await scan(scannerOf([minor, bad], [worse]));
    expect(isMaestroError(error, 'IMAGE_STORE_SCAN_REFUSED')).toBe(true);
    expect(error?.message).toBe(
      [
        '2 vulnerabilities are at least high:',
        '  shop-api: CVE-2026-1 critical, zlib 1.2, fixed in 1.3',
        '  shop-web: CVE-2026-0 critical, musl 1.2, no fix yet',
      ].join('\n'),
    );
    expect(error?.hint).toMatch(/^update zlib to 1\.3 and build again: maestro images build; or allow it for a time/);
    expect(error?.details).toMatchObject({
      refused: [
        { ...api, id: 'CVE-2026-1' },
        { ...web, id: 'CVE-2026-0' },
      ],
    });
  });

  it('shows ten findings and counts the others', async () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ ...bad, id: `CVE-${index}` }));
    const { error } = await scan(scannerOf(many, []));
    expect(error?.message.split('\n')).toHaveLength(12);
    expect(error?.message).toMatch(/^250 .*and 240 more$/s);
    expect(error?.details?.refused).toHaveLength(100);
  });

  it('says in the refusal which allowances do not count', async () => {
    const allow = [
      { id: 'CVE-2026-1', reason: 'not reached', until: '2025-12-31' },
      { id: 'CVE-2026-0', reason: '', until: '2027-01-01' },
    ];
    const { error, events } = await scan(scannerOf([bad], [worse]), { allow });
    expect(error?.message).toMatch(/the allowance of CVE-2026-1 ended on 2025-12-31/);
    expect(error?.message).toMatch(/the allowance of CVE-2026-0 has no reason or no date/);
    expect(events.filter(({ type }) => type === 'image-allowance')).toMatchObject([
      { id: 'CVE-2026-0', problem: 'invalid' },
      { id: 'CVE-2026-1', problem: 'expired' },
    ]);
  });

  it('calls an allowance unused that no image needs', async () => {
    const allow = [bad, worse, minor].map(({ id }) => ({ id, reason: 'not reached', until: '2026-01-01' }));
    const { outcome } = await scan(scannerOf([bad], [worse]), { allow });
    expect(outcome?.unused.map(({ id }) => id)).toEqual([minor.id]);
  });

  it('fails where one image has no report, and calls no allowance unused then', async () => {
    const scanner = new MemoryVulnerabilityScanner();
    scanner.set(api, []);
    const allow = [{ id: bad.id, reason: 'not reached', until: '2026-01-01' }];
    const { error, events } = await scan(scanner, { allow });
    expect(isMaestroError(error, 'IMAGE_STORE_SCAN_FAILED')).toBe(true);
    expect(error?.details).toMatchObject(web);
    expect(events.filter(({ type }) => type === 'image-allowance')).toEqual([]);
  });

  it('refuses rather than fails where both are due', async () => {
    const scanner = new MemoryVulnerabilityScanner();
    scanner.set(web, [bad]);
    expect((await scan(scanner)).error?.code).toBe('IMAGE_STORE_SCAN_REFUSED');
  });

  it.each<[string, () => Promise<never>]>([
    ['throws something else', () => Promise.reject(new TypeError('no such property'))],
    ['returns no report', () => Promise.resolve(undefined as never)],
  ])('fails where a scanner %s', async (_, scanOne) => {
    expect((await scan({ scan: scanOne })).error?.code).toBe('IMAGE_STORE_SCAN_FAILED');
  });

  it('ends with its caller', async () => {
    const { error } = await scan(scannerOf([bad], []), {}, AbortSignal.abort(new Error('given up')));
    expect(error?.message).toBe('given up');
  });
});
