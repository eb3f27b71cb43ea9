import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isMaestroError, poll, silentLogger, systemClock } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';

import { FileLock } from '../../src/lock/file-lock.ts';

const fixture = fileURLToPath(new URL('../fixtures/lock-holder.ts', import.meta.url));
const nightly = process.env.MAESTRO_NIGHTLY === 'true';
const canRename = process.getuid?.() === 0 && spawnSync('unshare', ['--uts', 'hostname', 'elsewhere']).status === 0;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-killed-holder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rounds = nightly ? 50 : 3;

it('leaves a lock that is free at once on its own machine', { timeout: rounds * 20_000 }, async () => {
  const lock = openLock();
  for (let round = 1; round <= rounds; round += 1) {
    const kill = await startHolder([]);
    await expect(lock.acquire('deploy')).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCKED' });
    await kill();
    const taken = await attempt(lock);
    counted(taken === null);
    expect(taken).not.toBeNull();
    await taken?.[Symbol.asyncDispose]();
  }
});

// Where nobody can tell that its process has ended: in a namespace with another name for the machine.
it.runIf(canRename)('leaves a lock that another machine gets after its lease', { timeout: 120_000 }, async () => {
  const lock = openLock();
  const kill = await startHolder(['unshare', '--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh']);
  await kill();
  const left = await lock.look();
  expect(left).toMatchObject({ state: 'held', holder: expect.stringContaining('@elsewhere') as string });
  expect(left?.leaseLeftMs).toBeLessThanOrEqual(15_000);
  expect(await attempt(lock)).toBeNull();

  const { value: taken = null } = await poll({
    probe: () => attempt(lock),
    accept: (held) => held !== null,
    intervalMs: 50,
    // On a busy machine nobody may look for a while.
    deadlineMs: (left?.leaseLeftMs ?? 0) + 30_000,
    clock: systemClock,
  });
  counted(taken === null);
  expect(taken).toMatchObject({ token: (left?.token ?? 0) + 1 });
  await taken?.[Symbol.asyncDispose]();
});

function openLock(): FileLock {
  return new FileLock({ folder, clock: systemClock, logger: silentLogger });
}

function counted(isLost: boolean): void {
  recordFaults({
    promised: 'only one deployer switches',
    fault: 'holder of the lock killed (SIGKILL)',
    times: 1,
    checked: { 'locks taken over': 1 },
    wrong: { 'locks that stayed taken': isLost ? 1 : 0 },
  });
}

/** Null while somebody else holds it. */
async function attempt(lock: FileLock) {
  try {
    return await lock.acquire('deploy');
  } catch (error) {
    if (isMaestroError(error, 'ORCHESTRATOR_LOCKED')) return null;
    throw error;
  }
}

/** A process that holds the lock; gives back what kills it. */
async function startHolder(before: readonly string[]): Promise<() => Promise<void>> {
  const node = [process.execPath, '--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  // It becomes what it starts.
  const child = spawn('env', [...before, ...node, fixture, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('held\n');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}
