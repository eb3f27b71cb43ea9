import type { Finding, ScanReport, Severity } from '../ports/vulnerability-scanner.ts';
import { isAtLeast, worstFirst } from './findings.ts';

/** Lets one vulnerability pass for a time. */
export interface Allowance {
  /** `CVE-2026-1234` */
  readonly id: string;
  /** Why it does no harm, or what is being waited for; without one the allowance does not count. */
  readonly reason: string;
  /** The last day it counts, `2026-03-31` in UTC. */
  readonly until: string;
  /** Only in this package; in all by default. */
  readonly package?: string | undefined;
}

export interface ScanPolicy {
  /** Findings at least this severe are refused; a finding of unknown severity counts as critical. */
  readonly failOn: Severity;
  /** Lets pass what has no fix yet; false by default. */
  readonly ignoreUnfixed?: boolean | undefined;
  readonly allow: readonly Allowance[];
}

export interface AllowedFinding {
  readonly finding: Finding;
  readonly allowance: Allowance;
}

export interface Judgement {
  /** The worst first. */
  readonly refused: readonly Finding[];
  /** Findings that would be refused, with what lets them pass. */
  readonly allowed: readonly AllowedFinding[];
  /** Allowances that do not count any more. */
  readonly expired: readonly Allowance[];
  /** Allowances that never counted: without a reason, or `until` is no date. */
  readonly invalid: readonly Allowance[];
  /** Allowances that let nothing pass here. */
  readonly unused: readonly Allowance[];
}

export interface JudgeOptions {
  readonly report: ScanReport;
  readonly policy: ScanPolicy;
  /** `2026-01-31` in UTC. */
  readonly today: string;
}

/** What a policy says of a report. */
export function judge({ report, policy, today }: JudgeOptions): Judgement {
  const invalid = policy.allow.filter((allowance) => !isValid(allowance));
  const expired = policy.allow.filter((allowance) => isValid(allowance) && allowance.until < today);
  const counting = policy.allow.filter((allowance) => isValid(allowance) && allowance.until >= today);

  const used = new Set<Allowance>();
  const refused: Finding[] = [];
  const allowed: AllowedFinding[] = [];
  for (const finding of report.findings.toSorted(worstFirst)) {
    if (!isAtLeast(finding, policy.failOn)) continue;
    if (policy.ignoreUnfixed === true && finding.fixedIn === null) continue;
    const matching = counting.filter((allowance) => matches(allowance, finding));
    for (const allowance of matching) used.add(allowance);
    if (matching[0] === undefined) refused.push(finding);
    else allowed.push({ finding, allowance: matching[0] });
  }
  return { refused, allowed, expired, invalid, unused: counting.filter((allowance) => !used.has(allowance)) };
}

function matches(allowance: Allowance, finding: Finding): boolean {
  return allowance.id === finding.id && (allowance.package === undefined || allowance.package === finding.package);
}

function isValid({ reason, until }: Allowance): boolean {
  return reason.trim() !== '' && isDay(until);
}

/** A day that the calendar has: Date takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
