import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { openEmbeddedImageContent, openEmbeddedImageStore } from '../../src/embedded.ts';
import { copyImage } from '../../src/index.ts';
import { imageContentContract } from '../../src/testing.ts';
import { imageOf, repository, unpackedText } from './registry-images.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'maestro-embedded-content-'));

describe('the bytes of an embedded image store', () => {
  const create = async () => openEmbeddedImageContent({ folder: await newFolder() });
  for (const { name, run } of imageContentContract(create)) it(name, run);

  it('are those of its images, which another store has under the same digest and tags after a copy', async () => {
    const [folder, other] = [await newFolder(), await newFolder()];
    const { digest, tags } = await openEmbeddedImageStore({ folder }).put(await imageOf('copied'));
    const [from, to] = [openEmbeddedImageContent({ folder }), openEmbeddedImageContent({ folder: other })];
    await copyImage({ from, to, repository, digest, tags });
    const store = openEmbeddedImageStore({ folder: other });
    expect(await store.resolve({ repository, reference: 'latest' })).toMatchObject({ digest, tags });
    expect(await unpackedText(store, digest)).toBe('copied');
  });
});
