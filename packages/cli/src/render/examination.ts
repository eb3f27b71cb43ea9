import type { CheckFinding, CheckGroup, CheckStatus, Examination } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { table } from './table.ts';

/** What an examination found, for people: a line a check, by groups, what to do below what is wrong. */
export function renderExamination({ environment, findings }: Examination, style: Style): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const groups = [...new Set(findings.map(({ group }) => group))];
  return [
    style.colors.bold(environment),
    ...groups.flatMap((group) => [
      '',
      ...renderGroup(
        group,
        findings.filter((one) => one.group === group),
        { style, width },
      ),
    ]),
    '',
    summary(findings),
  ].join('\n');
}

interface GroupStyle {
  readonly style: Style;
  /** Of the longest name of a check. */
  readonly width: number;
}

function renderGroup(
  group: CheckGroup,
  findings: readonly CheckFinding[],
  { style, width }: GroupStyle,
): readonly string[] {
  const { colors } = style;
  const [first] = findings;
  // What an environment has nothing of is said once.
  const isAbsent = findings.every(({ status, message }) => status === 'skipped' && message === first?.message);
  if (isAbsent) return [`${colors.bold(group)}  ${colors.dim(`skipped: ${first?.message ?? ''}`)}`];
  const indent = ' '.repeat('  skipped  '.length + width + 2);
  return [
    colors.bold(group),
    ...findings.flatMap(({ check, status, message, fix }) => {
      const [line = '', ...more] = message.split('\n');
      return [
        ...table([[shown(status, style), check.padEnd(width), line]], '  '),
        ...more.map((text) => `${indent}${text}`),
        ...(fix === undefined ? [] : [`${indent}Next: ${fix}`]),
      ];
    }),
  ];
}

function shown(status: CheckStatus, { colors }: Style): string {
  const word = status.padEnd('skipped'.length);
  switch (status) {
    case 'ok':
      return colors.green(word);
    case 'warning':
      return colors.yellow(word);
    case 'failed':
      return colors.red(word);
    case 'skipped':
      return colors.dim(word);
  }
}

function summary(findings: readonly CheckFinding[]): string {
  const count = (status: CheckStatus) => findings.filter((one) => one.status === status).length;
  const warnings = count('warning');
  return `${findings.length} checks: ${count('failed')} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${count('ok')} ok, ${count('skipped')} skipped`;
}
