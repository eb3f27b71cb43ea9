import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { processIdentity } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { recordFaults } from '@maestro/services/faults';
import { describe, expect, it, onTestFinished } from 'vitest';

import { FileLock } from './file-lock.ts';

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'maestro-lock-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function lockIn(folder?: string) {
  const clock = new ManualClock();
  const where = folder ?? (await temporaryFolder());
  return { clock, folder: where, lock: new FileLock({ folder: where, clock, logger: new RecordingLogger() }) };
}

function recordOf(overrides: Record<string, unknown>, clock: ManualClock): string {
  const now = new Date(clock.now()).toISOString();
  const record = {
    user: 'ops',
    machine: 'elsewhere',
    pid: 1,
    identity: '7',
    purpose: 'deploy 01A',
    since: now,
    renewedAt: now,
  };
  return JSON.stringify({ ...record, ...overrides });
}

describe('FileLock', () => {
  it('is held by one at a time and tells the other who and what for', async () => {
    const { lock } = await lockIn();
    const held = await lock.acquire('deploy 01A');
    expect(await lock.holder()).toMatchObject({ purpose: 'deploy 01A' });
    await expect(lock.acquire('rollback')).rejects.toMatchObject({
      code: 'ORCHESTRATOR_LOCKED',
      details: { purpose: 'deploy 01A' },
    });
    await held[Symbol.asyncDispose]();
    expect(await lock.holder()).toBeNull();
    const next = await lock.acquire('rollback');
    expect(next.token).toBe(held.token + 1);
    await next[Symbol.asyncDispose]();
  });

  it('goes to exactly one of many that want it at once', async () => {
    const { folder } = await lockIn();
    const contenders = await Promise.all(Array.from({ length: 20 }, () => lockIn(folder)));
    const results = await Promise.allSettled(contenders.map(({ lock }) => lock.acquire('deploy')));
    const winners = results.filter((result) => result.status === 'fulfilled');
    recordFaults({
      promised: 'only one deployer switches',
      fault: 'twenty want the lock at once',
      times: 1,
      checked: { contenders: contenders.length },
      wrong: { 'second holders': winners.length - 1 },
    });
    expect(winners).toHaveLength(1);
    await winners[0]?.value[Symbol.asyncDispose]();
  });

  it('is free as soon as its process on this machine has ended', async () => {
    const { lock, clock, folder } = await lockIn();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const identity = await processIdentity(pid);
    await writeFile(join(folder, '3.json'), recordOf({ machine: hostname(), pid, identity }, clock));
    await expect(lock.acquire('deploy')).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCKED' });

    child.kill('SIGKILL');
    await once(child, 'exit');
    const held = await lock.acquire('deploy');
    recordFaults({
      promised: 'only one deployer switches',
      fault: 'holder of the lock killed (SIGKILL)',
      times: 1,
      checked: { locks: 1 },
      wrong: { 'locks that stay held': 0 },
    });
    expect(held.token).toBe(4);
    await held[Symbol.asyncDispose]();
  });

  it('of another machine is free only after its lease', async () => {
    const { lock, clock, folder } = await lockIn();
    await writeFile(join(folder, '1.json'), recordOf({}, clock));
    await clock.advance(14_999);
    await expect(lock.acquire('deploy')).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCKED' });
    await clock.advance(1);
    const held = await lock.acquire('deploy');
    expect(held.token).toBe(2);
    await held[Symbol.asyncDispose]();
  });

  it('is renewed while it is held', async () => {
    const { lock, clock } = await lockIn();
    const held = await lock.acquire('deploy');
    for (let i = 0; i < 10; i += 1) {
      await clock.advance(4_000);
      await expect.poll(() => lock.holder()).not.toBeNull();
    }
    await held[Symbol.asyncDispose]();
  });

  it('fences a holder that was taken over', async () => {
    const { lock, clock, folder } = await lockIn();
    const held = await lock.acquire('deploy');
    expect(() => {
      held.assertHeld();
    }).not.toThrow();
    await writeFile(join(folder, `${held.token + 1}.json`), recordOf({}, clock));
    expect(() => {
      held.assertHeld();
    }).toThrow(/took the lock over/);
    await held[Symbol.asyncDispose]();
    expect(await lock.holder()).toMatchObject({ holder: 'ops@elsewhere (pid 1)' });
  });

  it('tells a holder and how much of its lease is left, and one that is gone from none', async () => {
    const { lock, clock, folder } = await lockIn();
    expect(await lock.look()).toBeNull();
    await writeFile(join(folder, '4.json'), recordOf({}, clock));
    await clock.advance(5_000);
    const seen = { holder: 'ops@elsewhere (pid 1)', purpose: 'deploy 01A', token: 4 };
    expect(await lock.look()).toMatchObject({ ...seen, state: 'held', leaseLeftMs: 10_000 });
    await clock.advance(10_000);
    expect(await lock.look()).toMatchObject({ ...seen, state: 'abandoned', leaseLeftMs: 0 });
    await (await lock.acquire('deploy'))[Symbol.asyncDispose]();
    expect(await lock.look()).toBeNull();
  });

  it('is taken away from who has abandoned it, and only when it is meant from who lives', async () => {
    const { lock, clock, folder } = await lockIn();
    expect(await lock.release({ living: false })).toBeNull();
    await writeFile(join(folder, '4.json'), recordOf({}, clock));
    await expect(lock.release({ living: false })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_LOCKED',
      hint: expect.stringContaining('maestro lock release --yes') as string,
    });
    expect(await lock.release({ living: true })).toMatchObject({ token: 4, state: 'held' });
    expect(await lock.look()).toBeNull();
    await writeFile(join(folder, '6.json'), recordOf({}, clock));
    await clock.advance(15_000);
    expect(await lock.release({ living: false })).toMatchObject({ token: 6, state: 'abandoned' });
    expect((await lock.acquire('deploy')).token).toBe(8);
  });

  it('fences a living holder as soon as it is taken away, also where nobody else wants it', async () => {
    const { lock, folder } = await lockIn();
    const other = await lockIn(folder);
    const held = await lock.acquire('deploy 01A');
    await other.lock.release({ living: true });
    expect(() => {
      held.assertHeld();
    }).toThrow(/took the lock over/);
    await held[Symbol.asyncDispose]();
    expect(await other.lock.look()).toBeNull();
  });

  it('goes to one of many that take it away and want it at once', async () => {
    const { folder, clock } = await lockIn();
    await writeFile(join(folder, '1.json'), recordOf({}, clock));
    const contenders = await Promise.all(Array.from({ length: 10 }, () => lockIn(folder)));
    const taken = await Promise.allSettled(
      contenders.map(async ({ lock }) => {
        await lock.release({ living: true });
        return await lock.acquire('deploy');
      }),
    );
    const winners = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const standing = winners.filter((held) => {
      try {
        held.assertHeld();
        return true;
      } catch {
        return false;
      }
    });
    recordFaults({
      promised: 'only one deployer switches',
      fault: 'ten take the lock away and want it at once',
      times: 1,
      checked: { contenders: contenders.length },
      wrong: { 'second holders': Math.max(0, standing.length - 1) },
    });
    expect(standing.length).toBeLessThanOrEqual(1);
    expect(new Set(winners.map(({ token }) => token)).size).toBe(winners.length);
    for (const held of winners) await held[Symbol.asyncDispose]();
  });

  it('keeps few files of earlier holders', async () => {
    const { lock, folder } = await lockIn();
    for (let i = 0; i < 12; i += 1) await (await lock.acquire('deploy'))[Symbol.asyncDispose]();
    expect((await readdir(folder)).length).toBeLessThanOrEqual(2 * 5);
  });
});
