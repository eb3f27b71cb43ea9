import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import { Journals } from './journal.ts';

async function journals() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-journal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const logger = new RecordingLogger();
  return { folder, logger, journals: new Journals({ folder, clock: new ManualClock(0), logger }) };
}

it('knows no unfinished release before there was any', async () => {
  const { folder } = await journals();
  const missing = new Journals({
    folder: join(folder, 'missing'),
    clock: new ManualClock(),
    logger: new RecordingLogger(),
  });
  expect(await missing.unfinished()).toBeNull();
});

it('holds each step in a line of its own, in the order of appending', async () => {
  const { folder, journals: all } = await journals();
  {
    await using journal = await all.open('01A');
    await journal.append({ type: 'begun', kind: 'deploy', token: 1 });
    await Promise.all([
      journal.append({ type: 'step-started', step: 'image:api', summary: 'image' }),
      journal.append({ type: 'step-started', step: 'image:web', summary: 'image' }),
    ]);
  }
  const lines = (await readFile(join(folder, '01A.ndjson'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: '1970-01-01T00:00:00.000Z', type: 'begun', kind: 'deploy', token: 1 },
    { at: '1970-01-01T00:00:00.000Z', type: 'step-started', step: 'image:api', summary: 'image' },
    { at: '1970-01-01T00:00:00.000Z', type: 'step-started', step: 'image:web', summary: 'image' },
  ]);
});

it('finds the newest release unfinished until its end is written', async () => {
  const { journals: all } = await journals();
  await using journal = await all.open('01A');
  await journal.append({ type: 'begun', kind: 'rollback', token: 4 });
  expect(await all.unfinished()).toMatchObject({ release: '01A', entries: [{ type: 'begun', kind: 'rollback' }] });
  await journal.append({ type: 'ended', outcome: 'rolled-back' });
  expect(await all.unfinished()).toBeNull();
});

it('still finds a release unfinished after later ones that changed nothing, but not after one that took the traffic', async () => {
  const { journals: all } = await journals();
  const write = async (release: string, outcome?: string) => {
    await using journal = await all.open(release);
    await journal.append({ type: 'begun', kind: 'deploy', token: 1 });
    if (outcome !== undefined) await journal.append({ type: 'ended', outcome });
  };
  await write('01A');
  await write('01B', 'refused');
  await write('01C', 'aborted');
  expect(await all.unfinished()).toMatchObject({ release: '01A' });
  await write('01D', 'rolled-back');
  expect(await all.unfinished()).toBeNull();
  await write('01E', 'refused');
  expect(await all.unfinished()).toBeNull();
});

it('skips a line that a crash cut off, and says so', async () => {
  const { folder, logger, journals: all } = await journals();
  await using journal = await all.open('01A');
  await journal.append({ type: 'begun', kind: 'deploy', token: 1 });
  await appendFile(join(folder, '01A.ndjson'), '{"at":"1970-01-01T00:00:00.000Z","type":"en');
  expect((await all.unfinished())?.entries).toHaveLength(1);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { release: '01A' } }]);
});
