import { MaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { cutShort, interrupted } from './errors.ts';

const reason = interrupted('SIGINT');

it('says what was stopped and how that ended, and keeps the facts and the next step of the failure', () => {
  const failure = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'release 01 was refused', {
    hint: 'maestro history',
    details: { release: '01', outcome: 'refused' },
  });
  const error = cutShort(reason, failure);
  expect(error.code).toBe('CLI_INTERRUPTED');
  expect(error.message).toBe('interrupted by SIGINT: release 01 was refused');
  expect(error.hint).toBe('maestro history');
  expect(error.details).toEqual({ release: '01', outcome: 'refused' });
  expect(error.cause).toBe(failure);
});

it('says the reason once when the failure names it already', () => {
  const failure = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'release 01 was refused: interrupted by SIGINT');
  expect(cutShort(reason, failure).message).toBe('release 01 was refused: interrupted by SIGINT');
});

it.each([
  ['the reason itself', reason],
  ['an AbortError', new DOMException('aborted', 'AbortError')],
])('adds nothing to the reason when the failure is %s', (_, failure) => {
  expect(cutShort(reason, failure)).toBe(reason);
});
