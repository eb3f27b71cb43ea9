import type { MigrationFinding } from '@maestro/orchestrator';

import type { Style } from './style.ts';

/** Each finding with its place, why it is one and how to mend it. */
export function renderFindings(findings: readonly MigrationFinding[], { colors }: Style): string {
  if (findings.length === 0) return 'No findings.';
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const blocks = findings.map(({ service, file, line, column, rule, phase, severity, why, fix }) => {
    const color = severity === 'error' ? colors.red : colors.yellow;
    return [
      `${colors.bold(`${service}: ${file}:${line}:${column}`)} ${color(severity)} ${rule} (${phase})`,
      `  ${why}`,
      `  Fix: ${fix}`,
    ].join('\n');
  });
  return [...blocks, `${errors} errors, ${findings.length - errors} warnings.`].join('\n');
}
