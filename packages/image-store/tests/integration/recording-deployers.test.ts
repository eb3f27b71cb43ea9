import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { RecordingLogger } from '@maestro/core/testing';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { openFileReleaseHistory } from '../../src/embedded.ts';
import { sampleRelease, sampleReleaseId } from '../../src/testing.ts';

const environment = 'production';
const program = fileURLToPath(new URL('record-releases.ts', import.meta.url));
const node = [process.execPath, '--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', program];
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'maestro-deployers-'));

/** Runs a command and resolves to how it ended. */
async function run(command: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...variables } });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}

/** The ids that a history holds; rejects when there is anything in it that is no whole record. */
async function idsIn(folder: string): Promise<readonly string[]> {
  const logger = new RecordingLogger();
  const records = await openFileReleaseHistory({ folder, logger }).list({ environment, limit: 1_000 });
  expect(logger.lines).toEqual([]);
  return records.map(({ id }) => id);
}

it('eight deployers record at the same time, and no release is lost or torn', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const deployers = Array.from({ length: 8 }, (_, first) => run([...node, folder, String(first), '15', '8']));
  expect(await Promise.all(deployers)).toEqual(Array.from({ length: 8 }, () => 0));
  // Of 120 releases the newest ten are remembered, whoever recorded them in whichever order.
  const newest = Array.from({ length: 10 }, (_, index) => sampleReleaseId(119 - index));
  const found = await idsIn(folder);
  recordFaults({
    promised: 'nothing is torn or lost',
    fault: 'eight deployers record 120 releases into one folder at once',
    times: 1,
    checked: { releases: newest.length },
    wrong: { 'lost releases': newest.filter((id) => !found.includes(id)).length },
  });
  expect(found).toEqual(newest);
});

describeWith('a deployer killed at any write of the history', ['strace'], (parts) => {
  /** Everything that changes something, or says that it is to last. */
  const writes = 'write,pwrite64,mkdir,link,linkat,rename,renameat2,unlink,unlinkat,fsync,fdatasync,ftruncate';

  it('leaves it as it was before or after, and recording again ends well', { timeout: 240_000 }, async () => {
    const before = await temporaryFolder();
    await run([...node, before, '1', '11']);
    const idsBefore = await idsIn(before);
    const idsAfter = [sampleReleaseId(12), ...idsBefore.slice(0, -1)];

    let kills = 0;
    for (let write = 1; ; write += 1) {
      const folder = await temporaryFolder();
      await cp(before, folder, { recursive: true });
      const dying = ['--quiet=all', '-f', '-o', '/dev/null', '-e', `trace=${writes}`];
      const at = ['-e', `inject=${writes}:signal=KILL:when=${write}`];
      // One thread does all the writing, and so the calls of different runs are in the same order.
      const ended = await run([parts().strace.program, ...dying, ...at, ...node, folder, '12', '1'], {
        UV_THREADPOOL_SIZE: '1',
      });
      const ids = await idsIn(folder);
      if (ended === 0) {
        expect(ids).toEqual(idsAfter);
        break;
      }
      expect(ended).toBe('SIGKILL');
      kills += 1;
      expect([idsBefore, [sampleReleaseId(12), ...idsBefore], idsAfter]).toContainEqual(ids);
      await openFileReleaseHistory({ folder }).record(sampleRelease(12));
      expect(await idsIn(folder)).toEqual(idsAfter);
    }
    recordFaults({
      promised: 'nothing is torn or lost',
      fault: 'deployer killed (SIGKILL) at a system call that writes the history',
      times: kills,
      checked: { histories: 2 * kills },
      wrong: { 'histories that are neither as before nor as after': 0 },
    });
    // At least the file, its flush, its name, the removal of the other name, the folder's flush and the forgetting.
    expect(kills).toBeGreaterThanOrEqual(6);
  });
});
