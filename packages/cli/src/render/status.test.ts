import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { cutOffStatus, healthyStatus, release } from '../testing/sample-data.ts';
import { renderStatus } from './status.ts';

it('shows both slots of every service, the live one first', () => {
  expect(renderStatus(healthyStatus, plainStyle).split('\n')).toEqual([
    'production  http://127.0.0.1:8080',
    '',
    `gateway  release ${release}  http://127.0.0.1:8080/`,
    '  green  live  healthy  maestro-gateway:production-abc1234  1a2b3c4d5e6f  3 min ago',
    '  blue   idle  stopped  maestro-gateway:production-9f8e7d6  998877665544  3 d ago',
    '',
    'worker  not deployed',
  ]);
});

it('says what stands in the way of a deployment, and how to go on', () => {
  const lines = renderStatus(cutOffStatus, plainStyle).split('\n');
  expect(lines[0]).toBe('production  the proxy does not run');
  expect(lines.slice(-5)).toEqual([
    `Locked by ana@ci-7 (pid 123) for deploy ${release}, since 5 min ago`,
    '',
    `Cut off: deploy ${release}, begun 1 h ago; traffic was not switched`,
    '  in the step: start gateway in green',
    'Next: maestro resume -e production, or maestro abort -e production',
  ]);
});

it.each([
  [{ state: 'running', healthy: false }, 'unhealthy'],
  [{ state: 'crashed', healthy: false }, 'crashed'],
] as const)('tells a live instance that is %o', (change, word) => {
  const [gateway] = healthyStatus.services;
  const live = gateway?.live;
  if (gateway === undefined || live === undefined || live === null) throw new Error('the sample has a live instance');
  const status = { ...healthyStatus, services: [{ ...gateway, live: { ...live, ...change } }] };
  expect(renderStatus(status, plainStyle)).toContain(`green  live  ${word}`);
});

it('says that there are no services', () => {
  expect(renderStatus({ ...healthyStatus, services: [] }, plainStyle)).toContain('No services.');
});

it('shows a canary with its share, and what was changed by hand with the command that mends it', () => {
  const [gateway] = healthyStatus.services;
  if (gateway === undefined) throw new Error('the sample has a service');
  const drift = [
    { service: 'api', slot: 'blue', detail: 'api is live in blue, but nothing is there', next: 'maestro deploy api' },
  ] as const;
  const services = [{ ...gateway, canaryPercent: 10 }];
  const lines = renderStatus({ ...healthyStatus, services, drift }, plainStyle).split('\n');
  expect(lines[4]).toMatch(/^ {2}blue {3}canary 10 % {2}stopped/);
  expect(lines.slice(-2)).toEqual([
    'Changed: api is live in blue, but nothing is there',
    'Next: maestro deploy api -e production',
  ]);
});

it('tells how jobs went when they last ran', () => {
  const last = {
    release,
    state: 'failed',
    at: healthyStatus.services[0]?.live?.since ?? '',
    reason: 'exit code 3',
  } as const;
  const jobs = [
    { name: 'import', last },
    { name: 'cleanup', last: null },
  ];
  const lines = renderStatus({ ...healthyStatus, jobs }, plainStyle).split('\n');
  expect(lines.slice(-3)).toEqual([
    `import  job  failed  3 min ago  release ${release}`,
    '',
    'cleanup  job  has not run yet',
  ]);
});
