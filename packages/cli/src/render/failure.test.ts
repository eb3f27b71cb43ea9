import { MaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { failureReport, renderFailure } from './failure.ts';

const { colors } = plainStyle;
const deepest = new Error('connect ECONNREFUSED 127.0.0.1:4101');
const failure = new MaestroError('BLUEGREEN_START_FAILED', 'gateway did not start', {
  hint: 'maestro status',
  cause: new MaestroError('BLUEGREEN_CRASHED', 'exit code 1', { cause: deepest }),
});

it('says code, message and next step', () => {
  expect(renderFailure(failure, { colors, causes: false, flags: {} })).toBe(
    'BLUEGREEN_START_FAILED: gateway did not start\nNext: maestro status',
  );
});

it('follows the causes to the deepest one', () => {
  expect(renderFailure(failure, { colors, causes: true, flags: {} }).split('\n').slice(2)).toEqual([
    '  caused by BLUEGREEN_CRASHED: exit code 1',
    '  caused by connect ECONNREFUSED 127.0.0.1:4101',
  ]);
});

it('tells every error of an aggregate', () => {
  const both = new MaestroError('ORCHESTRATOR_RELEASE_REFUSED', 'two services failed', {
    cause: new AggregateError([new Error('one'), new Error('two')]),
  });
  expect(renderFailure(both, { colors, causes: true, flags: {} }).split('\n').slice(1)).toEqual([
    '  caused by one; two',
    '  caused by one',
    '  caused by two',
  ]);
});

it('ends when causes go in a circle', () => {
  const one = new Error('one');
  const two = new Error('two', { cause: one });
  one.cause = two;
  expect(renderFailure(two, { colors, causes: true, flags: {} })).toMatch(/caused by one\n {2}caused by two$/);
});

it('shows where an unexpected error comes from, and only when asked', () => {
  expect(renderFailure(deepest, { colors, causes: false, flags: {} })).toBe(
    'INTERNAL: connect ECONNREFUSED 127.0.0.1:4101',
  );
  expect(renderFailure(deepest, { colors, causes: true, flags: {} })).toContain('failure.test.ts');
});

it('reports a missing hint to programs as null', () => {
  expect(failureReport(deepest, {})).toEqual({
    code: 'INTERNAL',
    message: 'connect ECONNREFUSED 127.0.0.1:4101',
    hint: null,
  });
});
