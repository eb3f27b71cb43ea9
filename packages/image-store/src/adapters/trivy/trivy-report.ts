import { z } from 'zod';

import type { Finding, ScanReport, Severity } from '../../ports/vulnerability-scanner.ts';
import { distinct } from '../../scan/findings.ts';

const vulnerabilitySchema = z.object({
  VulnerabilityID: z.string().min(1),
  PkgName: z.string().min(1),
  InstalledVersion: z.string().default(''),
  FixedVersion: z.string().default(''),
  Severity: z.string().default('UNKNOWN'),
});

const reportSchema = z.object({
  SchemaVersion: z.literal(2),
  ArtifactName: z.string(),
  Results: z.array(z.object({ Vulnerabilities: z.array(vulnerabilitySchema).nullish() })).nullish(),
});

const severities: Readonly<Record<string, Severity>> = {
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  CRITICAL: 'critical',
};

export type ReadReport = { readonly report: ScanReport } | { readonly problem: string; readonly hint: string };

/** Reads https://trivy.dev/latest/docs/configuration/reporting/#json: what is not a report of this image is a problem. */
export function readTrivyReport(output: string, reference: string): ReadReport {
  const read = parsed(output);
  if (read === undefined) {
    const hint = 'Maestro reads version 2 of the format; see what it prints: trivy image --format json <image>';
    return { problem: 'it printed no whole report in JSON', hint };
  }
  const { ArtifactName: name, Results: results } = read;
  if (name !== reference) {
    return { problem: `it reports on ${name}`, hint: 'is the program truly Trivy? trivy --version' };
  }
  if (results === null || results === undefined || results.length === 0) {
    const hint = 'images of neither a known distribution nor a known language cannot be judged: leave this one out';
    return { problem: 'it found nothing in it that it knows', hint };
  }
  const findings = results.flatMap(({ Vulnerabilities: found }) => found ?? []).map(findingOf);
  return { report: { scanner: 'trivy', database: null, findings: distinct(findings) } };
}

function parsed(output: string): z.infer<typeof reportSchema> | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(output)).data;
  } catch {
    return undefined;
  }
}

function findingOf(found: z.infer<typeof vulnerabilitySchema>): Finding {
  return {
    id: found.VulnerabilityID,
    severity: severities[found.Severity] ?? 'unknown',
    package: found.PkgName,
    version: found.InstalledVersion,
    fixedIn: found.FixedVersion === '' ? null : found.FixedVersion,
  };
}
