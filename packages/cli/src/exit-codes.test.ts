import { expect, it } from 'vitest';

import { exitCodeFor } from './exit-codes.ts';

it.each([
  ['CLI_USAGE', 2],
  ['REGISTRY_INVALID', 2],
  ['ORCHESTRATOR_LOCKED', 3],
  ['ORCHESTRATOR_PLAN_CHANGED', 3],
  ['ORCHESTRATOR_INTERRUPTED', 4],
  ['ORCHESTRATOR_COMPENSATION_FAILED', 4],
  ['CLI_INTERRUPTED', 130],
  ['CLI_TIMEOUT', 1],
  ['ORCHESTRATOR_RELEASE_REFUSED', 1],
  ['SECRETS_AMBIGUOUS_LINE', 1],
  ['INTERNAL', 1],
  ['constructor', 1],
])('%s exits with %i', (errorCode, exitCode) => {
  expect(exitCodeFor(errorCode)).toBe(exitCode);
});
