import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { deployed, nothingToDo, release } from '../testing/sample-data.ts';
import { renderRelease } from './release.ts';

it('says how a release ended and what runs now', () => {
  expect(renderRelease('production', deployed, plainStyle).split('\n')).toEqual([
    `Release ${release} deployed in production after 12.3 s; traffic switched in 3 ms.`,
    '  gateway  green  maestro-gateway:production-abc1234  1a2b3c4d5e6f  started',
    '  api      blue   maestro-api:production-9f8e7d6      5566778899aa  kept',
  ]);
});

it('says which new versions went on without being judged', () => {
  const unjudged = [
    { step: 'canary', percent: 10, services: ['gateway', 'api'] },
    { step: 'bake', percent: null, services: ['api'] },
  ] as const;
  expect(
    renderRelease('production', { ...deployed, unjudged }, plainStyle)
      .split('\n')
      .slice(-2),
  ).toEqual([
    'Not judged in the canary of 10 %: gateway, api had too few requests.',
    'Not judged in the bake: api had too few requests.',
  ]);
});

it('says that no traffic was switched', () => {
  const aborted = { ...deployed, outcome: 'aborted', switchMs: null, services: [] } as const;
  expect(renderRelease('production', aborted, plainStyle)).toBe(
    `Release ${release} aborted in production after 12.3 s; traffic was not switched.`,
  );
});

it('says that there was nothing to do', () => {
  expect(renderRelease('production', nothingToDo, plainStyle)).toBe('Nothing to do: production already runs this.');
  const none = { ...nothingToDo, affected: [] };
  const some = { ...nothingToDo, affected: [{ name: 'api', reasons: [] }] };
  expect(renderRelease('production', none, plainStyle)).toBe('Nothing to do: no service is affected by what changed.');
  expect(renderRelease('production', some, plainStyle)).toBe('Nothing to do: production already runs this.');
});

it('tells of hooks that failed and stopped nothing', () => {
  const failedHooks = [
    {
      id: 'hook:after-switch:1',
      stage: 'switch',
      when: 'after',
      message: 'a hook after switch failed: ./purge: exit code 1',
    },
  ] as const;
  expect(renderRelease('production', { ...deployed, failedHooks }, plainStyle)).toContain(
    '\nNot stopped by it: a hook after switch failed: ./purge: exit code 1',
  );
});
