import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { resultPages } from '../src/pages.ts';

it('of results are in docs as the results under version control make them; npm run docs writes them', async () => {
  for (const { path, text } of await resultPages()) {
    expect(await readFile(join(import.meta.dirname, '../..', path), 'utf8'), path).toBe(text);
  }
});
