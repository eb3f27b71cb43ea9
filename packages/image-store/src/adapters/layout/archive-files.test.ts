import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';

import { collectBytes } from '../../image/collect-bytes.ts';
import { openArchiveFiles } from './archive-files.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'maestro-archive-'));

async function textIn(file: string, path: string): Promise<string | undefined> {
  const files = await openArchiveFiles(file);
  return (await files.sizeBytes(path)) === undefined ? undefined : String(await collectBytes(files.chunks(path)));
}

describe('openArchiveFiles', () => {
  it.each(['gnu', 'ustar', 'pax', 'v7'])(
    'finds the files of an archive that tar made in the format %s',
    async (format) => {
      const folder = await newFolder();
      const deep = `blobs/${'deep/'.repeat(format === 'v7' ? 2 : 28)}`;
      await mkdir(join(folder, 'layout', deep), { recursive: true });
      await writeFile(join(folder, 'layout', 'index.json'), 'the index');
      await writeFile(join(folder, 'layout', deep, 'file'), 'x'.repeat(1000));
      await writeFile(join(folder, 'layout', 'empty'), '');
      const file = join(folder, 'layout.tar');
      execFileSync('tar', [
        '--create',
        `--format=${format}`,
        `--file=${file}`,
        `--directory=${join(folder, 'layout')}`,
        '.',
      ]);
      expect(await textIn(file, 'index.json')).toBe('the index');
      expect(await textIn(file, 'empty')).toBe('');
      expect(await textIn(file, 'blobs')).toBeUndefined();
      // GNU writes long names in a way of its own; no file of a layout has one.
      if (format !== 'gnu') expect(await textIn(file, `${deep}file`)).toBe('x'.repeat(1000));
    },
  );

  it('finds whatever tar-stream packs', async () => {
    const folder = await newFolder();
    const names = fc.uniqueArray(fc.stringMatching(/^[a-zäöü0-9]{1,80}(?:\/[a-zé]{1,80})?$/), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(names, fc.string({ maxLength: 2000 }), async (paths, text) => {
        const archive = pack();
        for (const name of paths) archive.entry({ name }, `${name}: ${text}`);
        archive.finalize();
        const file = join(folder, 'packed.tar');
        await writeFile(file, await collectBytes(archive));
        for (const name of paths) expect(await textIn(file, name)).toBe(`${name}: ${text}`);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses an archive that is cut anywhere before its end', async () => {
    const folder = await newFolder();
    const archive = pack();
    for (const name of ['one', 'two']) archive.entry({ name }, name.repeat(300));
    archive.finalize();
    const whole = await collectBytes(archive);
    for (let bytes = 0; bytes <= whole.byteLength - 1024; bytes += 128) {
      const file = join(folder, 'cut.tar');
      await writeFile(file, whole.subarray(0, bytes));
      const opened = openArchiveFiles(file);
      await expect(opened).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_LAYOUT'));
      await expect(opened).rejects.toThrow(file);
    }
  });

  it('refuses what is no archive, and what is not there', async () => {
    const folder = await newFolder();
    const file = join(folder, 'page.tar');
    await writeFile(file, `<html>${'.'.repeat(2000)}</html>`);
    for (const each of [file, join(folder, 'missing.tar')]) {
      await expect(openArchiveFiles(each)).rejects.toSatisfy((error) =>
        isMaestroError(error, 'IMAGE_STORE_INVALID_LAYOUT'),
      );
    }
    await truncate(file, 0);
    await expect(openArchiveFiles(file)).rejects.toThrow('it is no tar archive');
    expect(await readFile(file)).toHaveLength(0);
  });
});
