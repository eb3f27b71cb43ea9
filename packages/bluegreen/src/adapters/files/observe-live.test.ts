import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import { GenerationFolder } from './generation-folder.ts';
import { observeLive } from './observe-live.ts';

it('tells what leads the traffic, and that it cannot be told', async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'maestro-live-'));
  onTestFinished(() => rm(stateFolder, { recursive: true, force: true }));
  expect(observeLive({ stateFolder })).toEqual({ kind: 'none' });

  const generations = new GenerationFolder({ folder: stateFolder, clock: new ManualClock() });
  await generations.switchTo({ release: '01A', slots: { api: 'blue' }, expected: null });
  expect(observeLive({ stateFolder })).toEqual({ kind: 'live', number: 1, release: '01A' });

  await rm(join(stateFolder, 'live'));
  await symlink('generations/7', join(stateFolder, 'live'));
  expect(observeLive({ stateFolder })).toMatchObject({
    kind: 'unreadable',
    message: expect.stringContaining('generations/7') as string,
  });
});
