import { type ErrorReport, MaestroError } from '@maestro/core';

import { indented, type MigrationsErrorCode } from '../errors.ts';
import type { Finding } from '../lint/finding.ts';

export function batchRefused(databases: readonly { readonly name: string; readonly error: ErrorReport }[], of: number) {
  const lines = databases.map(({ name, error }) => `${name}: ${error.message.replaceAll('\n', '\n  ')}`);
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_BATCH_REFUSED',
    `${databases.length} of ${of} databases cannot be migrated, none was touched\n${indented(lines)}`,
    {
      hint: 'correct these first: maestro migrate status',
      details: { databases: databases.map(({ name, error }) => ({ name, error: { ...error } })) },
      retryable: databases.every(({ error }) => error.retryable),
    },
  );
}

export function batchPlanChanged(expected: string, found: string) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_PLAN_CHANGED',
    `expected the plan ${expected}, but files and histories of all databases now make ${found}`,
    { hint: 'look at what would run now: maestro migrate run --dry-run', details: { expected, found } },
  );
}

export function unsafe(service: string, findings: readonly Pick<Finding, 'file' | 'line' | 'rule' | 'why'>[]) {
  const reasons = findings.map(({ file, line, rule, why }) => `${file}:${line}: ${rule}: ${why}`);
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_UNSAFE',
    `${service}: the linter refuses what would run\n${indented(reasons)}`,
    { hint: `see the safe ways: maestro migrate lint --service ${service}`, details: { service, reasons } },
  );
}
