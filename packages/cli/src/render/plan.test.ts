import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { samplePlan } from '../testing/sample-data.ts';
import { renderPlan } from './plan.ts';

it('shows services, numbered steps with what cannot be taken back, and the hash', () => {
  expect(renderPlan(samplePlan, plainStyle).split('\n')).toEqual([
    'Plan for production: 1 of 2 services change',
    '  gateway  start  maestro-gateway:production-abc1234  1a2b3c4d5e6f  image changed',
    '  api      keep   maestro-api:production-9f8e7d6      5566778899aa  unchanged',
    '',
    '   1  start    gateway  start gateway in green',
    '   2  migrate  orders   apply 2 migrations      irreversible',
    '   3  switch            switch all traffic',
    'gateway: 0007_drop_total waits for: maestro migrate run --phase contract --service gateway -e production',
    '',
    `Plan ${samplePlan.hash}`,
    'Pass it to deploy with --plan to run exactly these steps, or none.',
  ]);
});

it('says that there is nothing to do', () => {
  expect(renderPlan({ ...samplePlan, steps: [] }, plainStyle)).toContain('\nNothing to do.\n');
});

it('says which services are affected by what changed, and why', () => {
  const reasons = [
    { kind: 'context', summary: 'services/gateway/main.ts and 3 more changed' },
    { kind: 'base', summary: 'base image node: bases/node/Dockerfile changed' },
  ] as const;
  const shared = [{ kind: 'shared', summary: 'shared libs/money.ts changed' }] as const;
  const affected = [
    { name: 'gateway', reasons },
    { name: 'api', reasons: shared },
  ];
  expect(
    renderPlan({ ...samplePlan, affected }, plainStyle)
      .split('\n')
      .slice(2, 7),
  ).toEqual([
    '  api      keep   maestro-api:production-9f8e7d6      5566778899aa  unchanged',
    '',
    'Affected by what changed:',
    '  gateway  services/gateway/main.ts and 3 more changed; base image node: bases/node/Dockerfile changed',
    '  api      shared libs/money.ts changed',
  ]);
  expect(renderPlan({ ...samplePlan, affected: [] }, plainStyle)).toContain(
    '\nNo service is affected by what changed.\n',
  );
});
