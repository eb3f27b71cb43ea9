import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { openFileReleaseHistory } from '../../src/embedded.ts';
import { releaseHistoryContract, sampleRelease, sampleReleaseId } from '../../src/testing.ts';

const environment = 'production';
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'maestro-history-'));

describe('the history in files', () => {
  const contract = releaseHistoryContract(async (kept) =>
    openFileReleaseHistory({ folder: await temporaryFolder(), kept }),
  );
  for (const { name, run } of contract) it(name, run);

  it('is one file a release, which others can read', async () => {
    const folder = await temporaryFolder();
    await openFileReleaseHistory({ folder }).record(sampleRelease(1));
    expect(await readdir(join(folder, environment))).toEqual([`${sampleReleaseId(1)}.json`]);
    const text = await readFile(join(folder, environment, `${sampleReleaseId(1)}.json`), 'utf8');
    expect(JSON.parse(text)).toEqual(sampleRelease(1));
    expect(await openFileReleaseHistory({ folder }).list({ environment })).toEqual([sampleRelease(1)]);
  });

  it('reports torn and foreign files, goes on without them, and never deletes them', async () => {
    const folder = await temporaryFolder();
    const logger = new RecordingLogger();
    const history = openFileReleaseHistory({ folder, logger });
    const files: Record<string, string> = {
      'notes.txt': 'mine',
      'notes.json': '{}',
      [`${sampleReleaseId(98)}.json`]: '',
      [`${sampleReleaseId(99)}.json`]: JSON.stringify(sampleRelease(1)).slice(0, 100),
      [`${sampleReleaseId(0)}.json`]: JSON.stringify(sampleRelease(77)),
    };
    await mkdir(join(folder, environment));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, environment, name), text);
    await writeFile(join(folder, environment, '.being-written.tmp'), '{');
    for (let index = 1; index <= 12; index += 1) await history.record(sampleRelease(index));

    logger.lines.length = 0;
    expect(await history.list({ environment })).toHaveLength(10);
    expect(logger.lines.map(({ level, fields }) => [level, fields?.file]).sort()).toEqual(
      Object.keys(files)
        .map((name) => ['warn', join(folder, environment, name)])
        .sort(),
    );
    const names = await readdir(join(folder, environment));
    expect(names).toEqual(expect.arrayContaining(Object.keys(files)));
    expect(names).not.toContain(`${sampleReleaseId(1)}.json`);
  });

  it('does not take a torn file for the record it was to be', async () => {
    const folder = await temporaryFolder();
    const history = openFileReleaseHistory({ folder });
    await mkdir(join(folder, environment));
    await writeFile(join(folder, environment, `${sampleReleaseId(1)}.json`), '{');
    await expect(history.record(sampleRelease(1))).rejects.toMatchObject({ code: 'IMAGE_STORE_RELEASE_CONFLICT' });
    expect(await history.get({ environment, id: sampleReleaseId(1) })).toBeUndefined();
  });

  it('reads no file for what is no id', async () => {
    const folder = await temporaryFolder();
    const logger = new RecordingLogger();
    await writeFile(join(folder, 'secret.json'), '{}');
    const history = openFileReleaseHistory({ folder, logger });
    expect(await history.get({ environment, id: '../secret' })).toBeUndefined();
    expect(logger.lines).toEqual([]);
  });
});
