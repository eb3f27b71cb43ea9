import { MaestroError } from '@maestro/core';
import { expect, it, vi } from 'vitest';

import { heldLock } from '../../testing/operations-data.ts';
import { runMaestro } from '../../testing/run-maestro.ts';
import { release } from '../../testing/sample-data.ts';

function withLock(lock: { status?: unknown; release?: unknown }) {
  return { environment: { lock: { status: vi.fn(), release: vi.fn(), ...lock } as never } };
}

it('shows who holds it, since when, for what, and what is left of the lease', async () => {
  const options = withLock({ status: () => Promise.resolve(heldLock) });
  const { stdout, exitCode } = await runMaestro('lock status -e production', options);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    `Held by ana@ci-7 (pid 123) for deploy ${release}, since 5 min ago`,
    '  holder 7, its lease ends in 12.0 s unless it is renewed',
    '',
  ]);
  const { jsonLines } = await runMaestro('lock status -e production --json', options);
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, lock: heldLock }]);
});

it('shows who is gone without letting go of it, and that nobody holds it', async () => {
  const abandoned = { ...heldLock, state: 'abandoned', leaseLeftMs: 0 };
  const gone = await runMaestro('lock status -e production', withLock({ status: () => Promise.resolve(abandoned) }));
  expect(gone.stdout).toMatch(/^Abandoned by ana@ci-7 .*\n {2}the next deployment takes it\nNext: maestro status/);
  const free = await runMaestro('lock status -e production', withLock({ status: () => Promise.resolve(null) }));
  expect(free.stdout).toBe('Nobody holds the lock of production.\n');
});

it('frees an abandoned one without further ado, and a living one only with --yes', async () => {
  const locked = new MaestroError('ORCHESTRATOR_LOCKED', 'ana holds it', {
    hint: 'maestro lock release --yes takes it',
  });
  const take = vi.fn().mockRejectedValueOnce(locked).mockResolvedValueOnce(heldLock).mockResolvedValueOnce(null);
  const refused = await runMaestro('lock release -e production', withLock({ release: take }));
  expect(take).toHaveBeenLastCalledWith({ living: false });
  expect(refused).toMatchObject({
    exitCode: 3,
    stderr: 'ORCHESTRATOR_LOCKED: ana holds it\nNext: maestro lock release -e production --yes takes it\n',
  });
  const taken = await runMaestro('lock release --yes -e production', withLock({ release: take }));
  expect(take).toHaveBeenLastCalledWith({ living: true });
  expect(taken.exitCode).toBe(0);
  expect(taken.stdout).toMatch(/^Took the lock from ana@ci-7 .* and is still at work\.\n {2}It can switch no more: /);
  const nobody = await runMaestro('lock release -e production', withLock({ release: take }));
  expect(nobody.stdout).toBe('Nobody held the lock of production.\n');
});
