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
    'gateway: 0007_drop_total waits for: maestro migrate run --phase contract --service gateway',
    '',
    `Plan ${samplePlan.hash}`,
    'Pass it to deploy with --plan to run exactly these steps, or none.',
  ]);
});

it('says that there is nothing to do', () => {
  expect(renderPlan({ ...samplePlan, steps: [] }, plainStyle)).toContain('\nNothing to do.\n');
});
