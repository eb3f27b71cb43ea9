import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkApi, writeApiPages } from '../../src/reference/api-pages.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

describe('the pages of exports', () => {
  let folder: string;
  let entries: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'api-'));
    entries = [join(folder, 'one.ts'), join(folder, 'two.ts')];
    await writeFile(join(folder, 'one.ts'), 'export interface Silent { readonly a: string }\n');
    await writeFile(join(folder, 'two.ts'), '/** See {@link nothing}. */\nexport function told(): void {}\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('complain of what is not documented, and of links that lead nowhere', async () => {
    const problems = await checkApi({ root, entries });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/Silent.*does not have any documentation/),
      expect.stringMatching(/Failed to resolve link to "nothing"/),
    ]);
  });

  it('are written to the folder that is named, and never where something is', async () => {
    const pages = join(folder, 'pages');
    await writeApiPages({ root, entries }, pages);
    expect(await readdir(pages, { recursive: true })).toEqual(expect.arrayContaining(['README.md']));
    await expect(writeApiPages({ root, entries }, pages)).rejects.toMatchObject({ code: 'DOCS_FOLDER_TAKEN' });
    await expect(writeApiPages({ root, entries }, folder)).rejects.toMatchObject({ code: 'DOCS_FOLDER_TAKEN' });
    expect(await readdir(folder)).toEqual(['one.ts', 'pages', 'two.ts']);
  });
});
