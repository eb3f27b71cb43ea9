import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { recordFaults } from '@maestro/services/faults';
import { expect, it } from 'vitest';

import { createProject, type Project } from './project.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount)
  process.stderr.write('full-disk.test.ts is skipped: it mounts a small disk, which takes root on Linux\n');

/** Puts the environment's state on a disk of its own, of 8 MB. */
function mountState(project: Project) {
  const folder = join(project.folder, '.maestro');
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  const filler = join(folder, 'filler');
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    free: () => {
      rmSync(filler);
    },
    [Symbol.asyncDispose]: async () => {
      await project.environment.stop();
      // The daemon's process may take a moment longer than its answers.
      execFileSync('umount', ['--lazy', folder]);
    },
  };
}

const moments = ['before', 'image:api', 'probe:api'];

it.runIf(canMount).each(moments)(
  'leaves the old version as it was when the disk is full (%s), and goes on once it is not',
  async (when) => {
    await using project = await createProject();
    await using disk = mountState(project);
    const { environment } = project;
    await environment.deploy();
    const before = await environment.status();

    await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
    if (when === 'before') disk.fill();
    const deploying = environment.deploy({
      onEvent: (event) => {
        if (when !== 'before' && event.type === 'step-started' && event.step.id === when) disk.fill();
      },
    });
    await expect(deploying).rejects.toMatchObject({
      code: when === 'before' ? 'ORCHESTRATOR_STATE_UNWRITABLE' : 'ORCHESTRATOR_RELEASE_REFUSED',
      message: expect.stringMatching(/ENOSPC|disk is full|disk I\/O/) as string,
    });
    const after = await environment.status();
    recordFaults({
      promised: 'what is live is never stopped',
      fault: 'disk full before or during a release',
      times: 1,
      checked: { services: after.services.length },
      wrong: { 'services that are not healthy': after.services.filter(({ live }) => live?.healthy !== true).length },
    });
    expect(after.services.map(({ live }) => live)).toEqual(before.services.map(({ live }) => live));
    expect(await project.ask('api')).toMatchObject({ version: '1' });

    disk.free();
    if ((await environment.status()).interrupted !== null) await environment.abort();
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect(await project.ask('api')).toMatchObject({ version: '2' });
  },
);
