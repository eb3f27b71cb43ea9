import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { openEmbeddedImageStore } from '../../src/embedded.ts';
import { assembleImage, type ImageSource, type ImageStoreErrorCode } from '../../src/index.ts';
import { imageStoreContract, sampleSource } from '../../src/testing.ts';

const repository = 'shop-api';
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'maestro-images-'));

function imageOf(text: string) {
  return assembleImage({ source: sampleSource({ 'main.js': text }), repository, environment: 'production' });
}

function blobPath(folder: string, digest: string): string {
  return join(folder, repository, 'blobs', ...digest.split(':'));
}

async function expectCode(work: Promise<unknown>, code: ImageStoreErrorCode): Promise<void> {
  await expect(work).rejects.toSatisfy((error) => isMaestroError(error, code));
}

describe('the embedded image store', () => {
  const create = async () => openEmbeddedImageStore({ folder: await temporaryFolder() });
  for (const { name, run } of imageStoreContract(create)) it(name, run);

  it('keeps what it stored for the next one who opens it', async () => {
    const folder = await temporaryFolder();
    const image = await imageOf('one');
    const { alreadyStored, ...stored } = await openEmbeddedImageStore({ folder }).put(image);
    expect(alreadyStored).toBe(false);
    expect(await openEmbeddedImageStore({ folder }).list({ repository })).toEqual([stored]);
  });

  it('removes the blobs of an image that no other one needs, and what killed writers left', async () => {
    const folder = await temporaryFolder();
    const store = openEmbeddedImageStore({ folder });
    const [one, two] = [await imageOf('one'), await imageOf('two')];
    for (const image of [one, two]) await store.put(image);
    await writeFile(blobPath(folder, 'sha256:.half.0123456789ab.tmp'), 'half');
    await store.remove({ repository, digest: one.digest });
    const needed = [two.manifest, two.config, two.layer].map(({ digest }) => digest.slice('sha256:'.length));
    expect((await readdir(join(folder, repository, 'blobs', 'sha256'))).sort()).toEqual(needed.sort());
  });

  it('keeps a layer that two images share until both are gone', async () => {
    const folder = await temporaryFolder();
    const store = openEmbeddedImageStore({ folder });
    const source = sampleSource({ 'main.js': 'shared' });
    const options = { source, repository, environment: 'production' };
    const [one, two] = [await assembleImage(options), await assembleImage({ ...options, labels: { other: 'yes' } })];
    expect(one.layer.digest).toBe(two.layer.digest);
    for (const image of [one, two]) await store.put(image);
    await store.remove({ repository, digest: one.digest });
    await store.unpack({ repository, digest: two.digest, folder: join(folder, 'unpacked') });
    await store.remove({ repository, digest: two.digest });
    expect(await readdir(join(folder, repository, 'blobs', 'sha256'))).toEqual([]);
  });
});

describe('damage on the disk', () => {
  const parts = ['manifest', 'layer'] as const;
  it.each(parts)('in a %s is noticed, and repaired by putting the image again', async (part) => {
    const folder = await temporaryFolder();
    const logger = new RecordingLogger();
    const store = openEmbeddedImageStore({ folder, logger });
    const image = await imageOf('one');
    await store.put(image);
    const unpack = (name: string) => store.unpack({ repository, digest: image.digest, folder: join(folder, name) });
    await truncate(blobPath(folder, image[part].digest), image[part].contents.byteLength - 1);
    await expectCode(unpack('one'), 'IMAGE_STORE_CORRUPT');
    await store.put(image);
    await unpack('one');
    expect(logger.lines.map(({ message }) => message)).toEqual(['a damaged blob was replaced']);
    await rm(blobPath(folder, image[part].digest));
    await expectCode(unpack('two'), 'IMAGE_STORE_CORRUPT');
  });

  it('in an index is reported with its path', async () => {
    const folder = await temporaryFolder();
    const store = openEmbeddedImageStore({ folder });
    await store.put(await imageOf('one'));
    for (const text of ['', '{"schemaVersion":2,"manifests":[{"digest":"sha256:../../x"}]}']) {
      await writeFile(join(folder, repository, 'index.json'), text);
      await expect(store.list({ repository })).rejects.toThrow(join(folder, repository, 'index.json'));
      await expectCode(store.put(await imageOf('two')), 'IMAGE_STORE_CORRUPT');
    }
  });

  it('in one image neither hides nor endangers another one', async () => {
    const folder = await temporaryFolder();
    const store = openEmbeddedImageStore({ folder });
    const [bad, good] = [await imageOf('bad'), await imageOf('good')];
    for (const image of [bad, good]) await store.put(image);
    await writeFile(blobPath(folder, bad.manifest.digest), '{}');
    expect((await store.resolve({ repository, reference: good.digest }))?.digest).toBe(good.digest);
    await expectCode(store.remove({ repository, digest: good.digest }), 'IMAGE_STORE_CORRUPT');
    expect((await store.resolve({ repository, reference: 'latest' }))?.digest).toBe(good.digest);
    await store.remove({ repository, digest: bad.digest });
    expect(await store.list({ repository })).toHaveLength(1);
  });
});

it('stores and unpacks 2,000 small files within seconds', async () => {
  const folder = await temporaryFolder();
  const store = openEmbeddedImageStore({ folder });
  const files = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`folder-${i % 50}/file-${i}.js`, `export const value = ${i};\n`]),
  );
  const source: ImageSource = sampleSource(files);
  const start = performance.now();
  const image = await assembleImage({ source, repository, environment: 'production' });
  await store.put(image);
  await store.unpack({ repository, digest: image.digest, folder: join(folder, 'unpacked') });
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(await readFile(join(folder, 'unpacked/folder-49/file-1999.js'), 'utf8')).toBe('export const value = 1999;\n');
  expect((await stat(join(folder, 'unpacked/folder-0'))).isDirectory()).toBe(true);
});
