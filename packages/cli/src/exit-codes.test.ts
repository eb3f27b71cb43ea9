import { MaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { exitCodeOf } from './exit-codes.ts';

it.each([
  ['CLI_USAGE', 2],
  ['REGISTRY_INVALID', 2],
  ['ORCHESTRATOR_BAD_DATABASE_URL', 2],
  ['MIGRATIONS_BAD_TARGET', 2],
  ['MIGRATIONS_DRIFTED', 3],
  ['MIGRATIONS_MISSING', 3],
  ['MIGRATIONS_FAILED', 1],
  ['CLI_LINT_REFUSED', 3],
  ['ORCHESTRATOR_LOCKED', 3],
  ['ORCHESTRATOR_PAST_CONTRACT', 3],
  ['ORCHESTRATOR_PLAN_CHANGED', 3],
  ['ORCHESTRATOR_SCRIPT_MISSING', 2],
  ['ORCHESTRATOR_INTERRUPTED', 4],
  ['ORCHESTRATOR_COMPENSATION_FAILED', 4],
  ['CLI_INTERRUPTED', 130],
  ['CLI_TIMEOUT', 1],
  ['ORCHESTRATOR_RELEASE_REFUSED', 1],
  ['SECRETS_AMBIGUOUS_LINE', 2],
  ['SECRETS_CONFLICT', 3],
  ['SECRETS_PENDING_DELETION', 3],
  ['SECRETS_MISSING', 1],
  ['INTERNAL', 1],
  ['constructor', 1],
])('%s exits with %i', (errorCode, exitCode) => {
  expect(exitCodeOf(new MaestroError(errorCode, 'no'))).toBe(exitCode);
});

it.each([
  ['IMAGE_STORE_SCAN_REFUSED', 3],
  ['ORCHESTRATOR_GATE_FAILED', 3],
  ['ORCHESTRATOR_HOOK_FAILED', 1],
  ['ORCHESTRATOR_JOB_FAILED', 1],
  ['MIGRATIONS_UNSAFE', 3],
  ['MIGRATIONS_DRIFTED', 3],
  ['BLUEGREEN_CRASHED', 1],
  ['ORCHESTRATOR_UNREADABLE_CERTIFICATE', 1],
])('a release that %s refuses exits with %i', (reasonCode, exitCode) => {
  const refused = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'no', { details: { reasonCode } });
  expect(exitCodeOf(refused)).toBe(exitCode);
});

it('looks at what refused a release, and at nothing else that has a reason', () => {
  const details = { reasonCode: 'IMAGE_STORE_SCAN_REFUSED' };
  expect(exitCodeOf(new MaestroError('ORCHESTRATOR_INTERRUPTED', 'no', { details }))).toBe(4);
  expect(exitCodeOf(new Error('no'))).toBe(1);
});
