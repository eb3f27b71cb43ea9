import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';

import { poll, systemClock } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import type { Generation } from '../../../plan/generation.ts';
import type { StartRequest } from '../control-protocol.ts';
import { Supervisor } from './supervisor.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const forever = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];

function requestFor(command: string[] = forever): StartRequest {
  const labels = { release: 'r1', image: 'shop-api:demo-abc1234', digest: 'sha256:one', configHash: 'c1' };
  return { ...blue, ...labels, folder: tmpdir(), command, environment: {}, secrets: {} };
}

/** A supervisor whose instances end with the test; `traffic.live` is what the router would say. */
async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-supervisor-'));
  const traffic: { live: Generation | null } = { live: null };
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const supervisor = new Supervisor({
    recordsFile: join(folder, 'instances.json'),
    logFolder: join(folder, 'logs'),
    generation: () => traffic.live,
    reservedPorts: () => [],
    onGone: () => undefined,
    clock,
    logger,
  });
  onTestFinished(async () => {
    await supervisor.close(5_000);
    await rm(folder, { recursive: true });
  });
  const sendTraffic = (to: 'blue' | 'green') => {
    traffic.live = { number: 1, release: 'r1', at: '2026-01-01T00:00:00.000Z', slots: { api: to } };
  };
  return { supervisor, clock, logger, sendTraffic };
}

async function until(condition: () => boolean): Promise<void> {
  const probe = () => Promise.resolve(condition());
  const outcome = await poll({ probe, accept: Boolean, intervalMs: 5, deadlineMs: 10_000, clock: systemClock });
  expect(outcome.accepted).toBe(true);
}

/** Starts an instance that ends at once, and waits until the pause before its restart has begun. */
async function crash({ supervisor, logger }: Awaited<ReturnType<typeof open>>): Promise<void> {
  await supervisor.start(requestFor([process.execPath, '-e', '']));
  await until(() => logger.lines.some(({ message }) => message === 'an instance crashed'));
}

it('does not stop a slot that received its traffic while the stop waited for its turn', async () => {
  const { supervisor, sendTraffic } = await open();
  const starting = supervisor.start(requestFor());
  const stopping = supervisor.stop({ ...blue, timeoutMs: 5_000 });
  sendTraffic('blue');
  await expect(stopping).rejects.toMatchObject({ code: 'BLUEGREEN_SLOT_LIVE' });
  expect(await starting).toMatchObject({ state: 'running' });
});

it('does not restart an instance that lost its traffic during the pause', async () => {
  const opened = await open();
  const { supervisor, clock, sendTraffic, logger } = opened;
  sendTraffic('blue');
  await crash(opened);
  sendTraffic('green');
  await clock.advance(200);
  await supervisor.stop({ ...blue, timeoutMs: 0 });
  expect(supervisor.instances()).toMatchObject([{ state: 'crashed', exit: 'exit code 0' }]);
  expect(logger.lines).toHaveLength(1);
});

it('restarts an instance that crashed right before it received its traffic', async () => {
  const opened = await open();
  const { clock, sendTraffic, logger } = opened;
  await crash(opened);
  sendTraffic('blue');
  await clock.advance(200);
  await until(() => logger.lines.some(({ message }) => message === 'an instance was restarted'));
});

it('ends what is being started when it closes, and starts nothing afterwards', async () => {
  const { supervisor } = await open();
  const starting = supervisor.start(requestFor());
  await nextTick();
  await supervisor.close(5_000);
  expect(await starting).toMatchObject({ state: 'running' });
  expect(supervisor.instances()).toMatchObject([{ state: 'stopped' }]);
  await expect(supervisor.start(requestFor())).rejects.toMatchObject({ code: 'BLUEGREEN_START_FAILED' });
});
