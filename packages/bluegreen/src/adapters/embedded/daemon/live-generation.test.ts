import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import { GenerationFolder } from '../../files/generation-folder.ts';
import { LiveGeneration } from './live-generation.ts';

async function switched() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-live-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const generations = new GenerationFolder({ folder, clock: new ManualClock() });
  const logger = new RecordingLogger();
  const live = new LiveGeneration(generations, logger);
  await generations.switchTo({ release: 'r', slots: { api: 'blue' }, expected: null });
  return { folder, generations, logger, live };
}

it('follows a switch at once', async () => {
  const { generations, live } = await switched();
  expect(live.current()?.slots).toEqual({ api: 'blue' });
  await generations.switchTo({ release: 'r', slots: { api: 'green' }, expected: 1 });
  expect(live.current()?.slots).toEqual({ api: 'green' });
});

it.each([
  [
    'leads to a generation that cannot be read',
    async (folder: string) => {
      await unlink(join(folder, 'live'));
      await mkdir(join(folder, 'generations/2'));
      await writeFile(join(folder, 'generations/2/generation.json'), 'not JSON');
      await symlink('generations/2', join(folder, 'live'));
    },
  ],
  ['is lost', (folder: string) => unlink(join(folder, 'live'))],
  [
    'is no link any more',
    async (folder: string) => {
      await unlink(join(folder, 'live'));
      await mkdir(join(folder, 'live'));
    },
  ],
])('goes on as before when the link %s, says so once, and follows again when it is mended', async (_, damage) => {
  const { folder, logger, live } = await switched();
  live.current();
  await damage(folder);
  for (let request = 0; request < 3; request += 1) expect(live.current()?.slots).toEqual({ api: 'blue' });
  expect(logger.lines).toMatchObject([{ level: 'error', message: 'the live generation cannot be read' }]);

  await mkdir(join(folder, 'generations/3'));
  await writeFile(join(folder, 'generations/3/generation.json'), '{"number":3,"release":"r","at":"now"}');
  await writeFile(join(folder, 'generations/3/api.green'), '');
  await rm(join(folder, 'live'), { recursive: true, force: true });
  await symlink('generations/3', join(folder, 'live'));
  expect(live.current()?.slots).toEqual({ api: 'green' });
});
