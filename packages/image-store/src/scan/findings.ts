import type { Finding, Severity } from '../ports/vulnerability-scanner.ts';

const severities: readonly Severity[] = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'];

/**
 * Whether a finding is at least this severe. One that nobody has rated yet counts as critical: ratings are missing
 * where a vulnerability is new, and it may turn out to be the worst. An allowance with a date lets it pass until then.
 */
export function isAtLeast(finding: Finding, limit: Severity): boolean {
  return rank(finding) >= severities.indexOf(limit);
}

/** For sorting: the worst first; among equals what can be mended, then by name. */
export function worstFirst(a: Finding, b: Finding): number {
  return (
    rank(b) - rank(a) ||
    Number(b.fixedIn !== null) - Number(a.fixedIn !== null) ||
    compare(a.id, b.id) ||
    compare(a.package, b.package) ||
    compare(a.version, b.version)
  );
}

/** Each vulnerability of a package once, as its worst rating has it: scanners name one for each place it is found at. */
export function distinct(findings: readonly Finding[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const finding of findings.toSorted(worstFirst)) {
    const key = JSON.stringify([finding.id, finding.package, finding.version]);
    if (!found.has(key)) found.set(key, finding);
  }
  return [...found.values()];
}

function rank({ severity }: Finding): number {
  const index = severities.indexOf(severity);
  return index <= 0 ? severities.indexOf('critical') : index;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
