import type { EnhancedImageScanFinding, ImageScanFinding, VulnerablePackage } from '@aws-sdk/client-ecr';

import type { Finding, Severity } from '../../ports/vulnerability-scanner.ts';

/** `UNDEFINED` and `UNTRIAGED`, and whatever AWS adds, are unknown. */
const severities: Readonly<Record<string, Severity>> = {
  INFORMATIONAL: 'negligible',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  CRITICAL: 'critical',
};

/** A finding of basic scanning, which does not say whether there is a fix. */
export function basicFinding({ name, uri, severity, attributes = [] }: ImageScanFinding): Finding {
  const attribute = (key: string) => attributes.find((one) => one.key === key)?.value ?? '';
  return {
    id: name ?? uri ?? '',
    severity: severityOf(severity),
    package: attribute('package_name'),
    version: attribute('package_version'),
    fixedIn: '',
  };
}

/**
 * A finding of enhanced scanning, once for each package that has it. Findings that rules of Amazon Inspector suppress
 * count: what may pass is for the policy alone. Closed ones are gone.
 */
export function enhancedFindings(found: EnhancedImageScanFinding): readonly Finding[] {
  if (found.status === 'CLOSED') return [];
  const { vulnerabilityId, vulnerablePackages = [] } = found.packageVulnerabilityDetails ?? {};
  const id = vulnerabilityId ?? found.title ?? found.findingArn ?? '';
  const severity = severityOf(found.severity);
  const packages = vulnerablePackages.length === 0 ? [{}] : vulnerablePackages;
  return packages.map((one) => ({
    id,
    severity,
    package: one.name ?? '',
    version: versionOf(one),
    fixedIn: fixOf(one, found.fixAvailable),
  }));
}

function severityOf(severity: string | undefined): Severity {
  return severities[severity ?? ''] ?? 'unknown';
}

/** As the package's own manager writes it: `1:2.9.14-1.3`. */
function versionOf({ epoch = 0, version = '', release }: VulnerablePackage): string {
  return [epoch === 0 ? '' : `${epoch}:`, version, release === undefined ? '' : `-${release}`].join('');
}

function fixOf({ fixedInVersion }: VulnerablePackage, fixAvailable: string | undefined): string | null {
  if (fixedInVersion === 'NotAvailable') return null;
  if (fixedInVersion !== undefined && fixedInVersion !== '') return fixedInVersion;
  return fixAvailable === 'NO' ? null : '';
}
