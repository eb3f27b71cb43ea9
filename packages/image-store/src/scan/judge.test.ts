import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Finding, Severity } from '../ports/vulnerability-scanner.ts';
import { type Allowance, judge, type ScanPolicy } from './judge.ts';

const today = '2026-03-15';
const finding = (changes: Partial<Finding> = {}): Finding => ({
  id: 'CVE-2026-1',
  severity: 'high',
  package: 'openssl',
  version: '3.0.1',
  fixedIn: '3.0.2',
  ...changes,
});
const allowance = (changes: Partial<Allowance> = {}): Allowance => ({
  id: 'CVE-2026-1',
  reason: 'no TLS server here',
  until: today,
  ...changes,
});

function judged(findings: readonly Finding[], policy: Partial<ScanPolicy> = {}) {
  const report = { scanner: 'test', database: null, findings };
  return judge({ report, policy: { failOn: 'high', allow: [], ...policy }, today });
}

const names = (findings: readonly Finding[]) => findings.map(({ id }) => id);

describe('the judgement of a report', () => {
  it.each<[Severity, Severity, boolean]>([
    ['critical', 'high', true],
    ['high', 'high', true],
    ['medium', 'high', false],
    ['negligible', 'low', false],
    ['negligible', 'negligible', true],
    ['unknown', 'critical', true],
    ['low', 'unknown', true],
  ])('a finding that is %s, where %s fails: refused is %s', (severity, failOn, refused) => {
    expect(judged([finding({ severity })], { failOn }).refused).toHaveLength(refused ? 1 : 0);
  });

  it('refuses everything where the policy names a severity that there is none of', () => {
    expect(judged([finding({ severity: 'low' })], { failOn: 'hihg' as Severity }).refused).toHaveLength(1);
  });

  it('takes a severity that there is none of for unknown', () => {
    expect(judged([finding({ severity: 'URGENT' as Severity })], { failOn: 'critical' }).refused).toHaveLength(1);
  });

  it('names the worst first, among equals what can be mended', () => {
    const findings = [
      finding({ id: 'c', severity: 'high', fixedIn: null }),
      finding({ id: 'd', severity: 'high' }),
      finding({ id: 'b', severity: 'unknown' }),
      finding({ id: 'a', severity: 'critical' }),
    ];
    expect(names(judged(findings).refused)).toEqual(['a', 'b', 'd', 'c']);
  });

  it('lets pass what has no fix where the policy says so, but not what nobody knows a fix of', () => {
    const findings = [finding({ id: 'a', fixedIn: null }), finding({ id: 'b', fixedIn: '' }), finding({ id: 'c' })];
    expect(names(judged(findings, { ignoreUnfixed: true }).refused)).toEqual(['b', 'c']);
    expect(judged(findings).refused).toHaveLength(3);
  });

  it('lets pass what is allowed, on the last day too', () => {
    const allow = [allowance()];
    expect(judged([finding()], { allow })).toMatchObject({
      refused: [],
      allowed: [{ finding: finding(), allowance: allow[0] }],
      unused: [],
    });
  });

  it('allows a vulnerability in the package that the allowance names only', () => {
    const findings = [finding(), finding({ package: 'libssl3' })];
    expect(judged(findings, { allow: [allowance({ package: 'libssl3' })] }).refused).toEqual([findings[0]]);
    expect(judged(findings, { allow: [allowance()] }).refused).toEqual([]);
  });

  it('names an allowance that has ended, and does as if there were none', () => {
    const allow = [allowance({ until: '2026-03-14' })];
    expect(judged([finding()], { allow })).toMatchObject({ refused: [finding()], expired: allow, unused: [] });
  });

  it.each<Partial<Allowance>>([
    { reason: ' ' },
    { until: '' },
    { until: '2027' },
    { until: 'tomorrow' },
    { until: '2027-02-30' },
    { until: '2027-13-01' },
    { until: '+002027-01-01' },
  ])('names an allowance that never counted: %o', (changes) => {
    const allow = [allowance(changes)];
    expect(judged([finding()], { allow })).toMatchObject({ refused: [finding()], invalid: allow, expired: [] });
  });

  it('names an allowance that lets nothing pass', () => {
    const allow = [allowance(), allowance({ id: 'CVE-2026-2' })];
    expect(judged([finding(), finding({ id: 'CVE-2026-2', severity: 'low' })], { allow }).unused).toEqual([allow[1]]);
  });
});

const severities: readonly Severity[] = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'];
const ids = fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3');
const packages = fc.constantFrom('openssl', 'zlib');
const someFindings = fc.array(
  fc.record<Finding>({
    id: ids,
    severity: fc.constantFrom(...severities),
    package: packages,
    version: fc.constantFrom('1', '2'),
    fixedIn: fc.constantFrom(null, '', '3'),
  }),
  { maxLength: 12 },
);
const someAllowances = fc.array(
  fc.record(
    {
      id: ids,
      reason: fc.constantFrom('', 'because'),
      until: fc.constantFrom('2026-03-14', today, '2027-01-01', 'never'),
      package: packages,
    },
    { requiredKeys: ['id', 'reason', 'until'] },
  ),
  { maxLength: 6 },
);
const somePolicy = fc.record<ScanPolicy>({
  failOn: fc.constantFrom(...severities),
  ignoreUnfixed: fc.boolean(),
  allow: someAllowances,
});

describe('for every report and policy, the gate', () => {
  const checkStricter = (stricter: (policy: ScanPolicy, choice: number) => ScanPolicy) => {
    fc.assert(
      fc.property(someFindings, somePolicy, fc.nat(10), (findings, policy, choice) => {
        const { refused } = judged(findings, policy);
        const more = judged(findings, stricter(policy, choice)).refused;
        expect(refused.filter((one) => !more.includes(one))).toEqual([]);
      }),
    );
  };

  it('lets no more through with a lower limit', () => {
    checkStricter((policy, choice) => {
      const lower = severities.slice(0, severities.indexOf(policy.failOn) + 1);
      return { ...policy, failOn: lower[choice % lower.length] ?? policy.failOn };
    });
  });

  it('lets no more through where unfixed ones count', () => {
    checkStricter((policy) => ({ ...policy, ignoreUnfixed: false }));
  });

  it('lets no more through with one allowance less', () => {
    checkStricter((policy, choice) => ({ ...policy, allow: policy.allow.toSpliced(choice, 1) }));
  });

  it('lets no more through on a later day', () => {
    fc.assert(
      fc.property(someFindings, somePolicy, (findings, policy) => {
        const report = { scanner: 'test', database: null, findings };
        const later = judge({ report, policy, today: '2026-12-31' }).refused;
        expect(judged(findings, policy).refused.filter((one) => !later.includes(one))).toEqual([]);
      }),
    );
  });

  it('judges as if allowances that do not count were not there', () => {
    fc.assert(
      fc.property(someFindings, somePolicy, (findings, policy) => {
        const { refused, allowed, expired, invalid } = judged(findings, policy);
        const allow = policy.allow.filter((one) => !expired.includes(one) && !invalid.includes(one));
        expect(judged(findings, { ...policy, allow })).toMatchObject({ refused, allowed });
        expect(allow.every(({ reason, until }) => reason !== '' && until >= today && until !== 'never')).toBe(true);
      }),
    );
  });

  it('loses no finding: each is refused, allowed, below the limit or without a fix', () => {
    fc.assert(
      fc.property(someFindings, somePolicy, (findings, policy) => {
        const { refused, allowed } = judged(findings, policy);
        const passed = findings.filter((one) => !refused.includes(one) && !allowed.some((a) => a.finding === one));
        const strict = judged(passed, { ...policy, allow: [], ignoreUnfixed: false }).refused;
        expect(strict.filter(({ fixedIn }) => fixedIn !== null || policy.ignoreUnfixed !== true)).toEqual([]);
      }),
    );
  });
});
