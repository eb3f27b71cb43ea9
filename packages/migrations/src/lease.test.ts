import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { Lease } from './lease.ts';

const leaseMs = 900;

function leaseWith(answers: () => Promise<boolean>) {
  const clock = new ManualClock();
  const asked: number[] = [];
  const start = clock.monotonic();
  const renew = () => {
    asked.push(clock.monotonic() - start);
    return answers();
  };
  return { clock, asked, lease: new Lease(start, { renew, leaseMs, clock }) };
}

it('is renewed each third of its time until it is stopped', async () => {
  const { clock, asked, lease } = leaseWith(() => Promise.resolve(true));
  await clock.advance(2000);
  expect(asked).toEqual([300, 600, 900, 1200, 1500, 1800]);
  expect(lease.isHeld).toBe(true);
  await lease.stop();
  await clock.advance(2000);
  expect(asked).toHaveLength(6);
});

it('is lost at once when it is somebody else’s', async () => {
  const { clock, lease } = leaseWith(() => Promise.resolve(false));
  await clock.advance(300);
  expect(lease.isHeld).toBe(false);
});

it('outlives renewals that fail for as long as it runs, and no longer', async () => {
  const { clock, asked, lease } = leaseWith(() => Promise.reject(new Error('gone')));
  await clock.advance(800);
  expect(lease.isHeld).toBe(true);
  await clock.advance(100);
  expect(lease.isHeld).toBe(false);
  await clock.advance(2000);
  expect(asked.length).toBeLessThanOrEqual(3);
});

it('runs from when it was asked for, however long the answer takes', async () => {
  const { clock, lease } = leaseWith(() => new Promise<boolean>(() => undefined));
  await clock.advance(899);
  expect(lease.isHeld).toBe(true);
  await clock.advance(1);
  expect(lease.isHeld).toBe(false);
});
