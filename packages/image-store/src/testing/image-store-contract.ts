import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { ImageStoreErrorCode } from '../errors.ts';
import { assembleImage, type AssembledImage } from '../image/assemble-image.ts';
import { guardTag, inputTag } from '../image/guard-tags.ts';
import { unpackedMark } from '../image/read-layer.ts';
import type { ImageStore } from '../ports/image-store.ts';
import { sampleSource } from './samples.ts';

const repository = 'shop-api';
const nowhere = `sha256:${'0'.repeat(64)}`;

/** What every image store promises; `create` makes an empty one for each case. */
export function imageStoreContract(create: () => Promise<ImageStore>): readonly ContractCase[] {
  return Object.entries({ ...storing, ...tagging, ...removing, ...unpacking }).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await create());
    },
  }));
}

type Checks = Readonly<Record<string, (store: ImageStore) => Promise<void>>>;

const storing: Checks = {
  'finds a stored image by digest, by its tag and by latest': async (store) => {
    const image = await sampleImage('one');
    const { alreadyStored, ...stored } = await store.put(image);
    const { sizeBytes, ...facts } = stored;
    assert.equal(alreadyStored, false);
    // An engine counts the bytes of the files, everything else those of the archive that they are in.
    assert.ok(sizeBytes > 0 && sizeBytes <= image.layer.contents.byteLength);
    assert.deepEqual(facts, {
      repository,
      digest: image.digest,
      tags: ['latest', image.tag],
      inputHash: image.inputHash,
      revision: image.revision,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    for (const reference of [image.digest, image.tag, 'latest']) {
      assert.deepEqual(await store.resolve({ repository, reference }), stored);
    }
  },

  'says that an image put again was there': async (store) => {
    await store.put(await sampleImage('one'));
    const again = await store.put(await sampleImage('one'));
    assert.equal(again.alreadyStored, true);
    assert.equal((await store.list({ repository })).length, 1);
  },

  'keeps one image under the tags of two environments': async (store) => {
    const image = await sampleImage('one');
    await store.put(image);
    const promoted = await store.put(await sampleImage('one', { environment: 'demo' }));
    assert.equal(promoted.digest, image.digest);
    assert.deepEqual(promoted.tags, [`demo-${image.revision.slice(0, 7)}`, 'latest', image.tag]);
  },

  'has nothing of a repository nobody wrote to': async (store) => {
    assert.equal(await store.resolve({ repository, reference: 'latest' }), undefined);
    assert.deepEqual(await store.list({ repository }), []);
  },

  'lists the images of one repository, those of the newest commits first': async (store) => {
    const old = await sampleImage('old');
    const young = await sampleImage('young', { committedAt: '2026-02-01T00:00:00.000Z' });
    await store.put(young);
    await store.put(old);
    await store.put(await sampleImage('another', { repository: 'shop-web' }));
    const digests = (await store.list({ repository })).map(({ digest }) => digest);
    assert.deepEqual(digests, [young.digest, old.digest]);
  },

  'refuses names that no image repository accepts': async (store) => {
    const image = await sampleImage('one');
    const invalid = 'IMAGE_STORE_INVALID_NAME';
    await rejectsWith(invalid, store.put({ ...image, repository: '../escape' }));
    await rejectsWith(invalid, store.put({ ...image, tag: '-no' }));
    await rejectsWith(invalid, store.list({ repository: 'Shop' }));
    await rejectsWith(invalid, store.resolve({ repository, reference: 'a/b' }));
    await rejectsWith(invalid, store.retag({ repository, digest: image.digest, tag: 'x'.repeat(129) }));
    await rejectsWith(invalid, store.remove({ repository, digest: 'latest' }));
  },

  'does nothing for a caller that has given up': async (store) => {
    const signal = AbortSignal.abort(new Error('given up'));
    await assert.rejects(store.put(await sampleImage('one'), { signal }), /given up/);
    assert.deepEqual(await store.list({ repository }), []);
  },
};

const tagging: Checks = {
  'moves latest to the image that was put last, and leaves the other one in place': async (store) => {
    const [one, two] = [await sampleImage('one'), await sampleImage('two')];
    await store.put(one);
    await store.put(two);
    assert.equal((await store.resolve({ repository, reference: 'latest' }))?.digest, two.digest);
    assert.deepEqual((await store.resolve({ repository, reference: one.tag }))?.tags, [one.tag]);
  },

  'gives an image one more tag, taking it from the image that had it': async (store) => {
    const [one, two] = [await sampleImage('one'), await sampleImage('two')];
    await store.put(one);
    await store.put(two);
    await store.retag({ repository, digest: one.digest, tag: 'stable' });
    await store.retag({ repository, digest: two.digest, tag: 'stable' });
    const moved = await store.resolve({ repository, reference: 'stable' });
    assert.equal(moved?.digest, two.digest);
    assert.deepEqual(moved.tags, ['latest', two.tag, 'stable'].sort());
    assert.deepEqual((await store.resolve({ repository, reference: one.digest }))?.tags, [one.tag]);
  },

  'keeps an image whose last tag went to another one': async (store) => {
    const [one, two] = [await sampleImage('one'), await sampleImage('two')];
    await store.put(one);
    await store.put(two);
    await store.retag({ repository, digest: two.digest, tag: one.tag });
    assert.deepEqual((await store.resolve({ repository, reference: one.digest }))?.tags, []);
    assert.equal((await store.list({ repository })).length, 2);
  },

  'gives no tag to an image it does not hold': async (store) => {
    await rejectsWith('IMAGE_STORE_UNKNOWN_IMAGE', store.retag({ repository, digest: nowhere, tag: 'stable' }));
  },

  'gives no image a tag that is kept for Maestro': async (store) => {
    const image = await sampleImage('one');
    const { digest, tags } = await store.put(image);
    for (const tag of [guardTag(nowhere), inputTag(nowhere)]) {
      await rejectsWith('IMAGE_STORE_INVALID_NAME', store.retag({ repository, digest, tag }));
      await rejectsWith('IMAGE_STORE_INVALID_NAME', store.put({ ...image, tag }));
    }
    assert.deepEqual((await store.resolve({ repository, reference: digest }))?.tags, tags);
  },

  'loses no tag to writers at the same time': async (store) => {
    const image = await sampleImage('one');
    await store.put(image);
    const tags = Array.from({ length: 10 }, (_, i) => `try-${i}`);
    await Promise.all(tags.map((tag) => store.retag({ repository, digest: image.digest, tag })));
    const stored = await store.resolve({ repository, reference: image.digest });
    assert.deepEqual(stored?.tags, ['latest', image.tag, ...tags].sort());
  },
};

const removing: Checks = {
  'removes an image with its tags and nothing of another one': async (store) => {
    const [one, two] = [await sampleImage('one'), await sampleImage('two')];
    await store.put(two);
    await store.put(one);
    await store.remove({ repository, digest: one.digest });
    for (const reference of [one.digest, one.tag, 'latest']) {
      assert.equal(await store.resolve({ repository, reference }), undefined);
    }
    const folder = join(await temporaryFolder(), 'two');
    await store.unpack({ repository, digest: two.digest, folder });
    assert.equal(await readFile(join(folder, 'main.js'), 'utf8'), 'two');
  },

  'removes an image that is not there without complaint': async (store) => {
    await store.remove({ repository, digest: nowhere });
  },

  'stores an image anew after its removal': async (store) => {
    const image = await sampleImage('one');
    await store.put(image);
    await store.remove({ repository, digest: image.digest });
    assert.equal((await store.put(image)).alreadyStored, false);
    await store.unpack({ repository, digest: image.digest, folder: join(await temporaryFolder(), 'one') });
  },
};

const unpacking: Checks = {
  'unpacks exactly the files of an image, and leaves nothing beside the folder': async (store) => {
    const above = await temporaryFolder();
    const { digest } = await store.put(await sampleImage('one'));
    const folder = join(above, 'missing', 'one');
    await store.unpack({ repository, digest, folder });
    assert.deepEqual((await readdir(folder)).sort(), [unpackedMark, 'lib', 'main.js']);
    assert.equal(await readFile(join(folder, 'lib', 'deep', 'part.js'), 'utf8'), 'part');
    assert.deepEqual(await readdir(join(above, 'missing')), ['one']);
  },

  'leaves a folder as it is that holds the image already': async (store) => {
    const { digest } = await store.put(await sampleImage('one'));
    const folder = join(await temporaryFolder(), 'one');
    await Promise.all([1, 2, 3].map(() => store.unpack({ repository, digest, folder })));
    const { ino } = await stat(folder);
    await writeFile(join(folder, 'main.js'), 'changed by the service');
    await store.unpack({ repository, digest, folder });
    assert.equal((await stat(folder)).ino, ino);
    assert.equal(await readFile(join(folder, 'main.js'), 'utf8'), 'changed by the service');
  },

  'unpacks nothing to a folder that holds something else': async (store) => {
    const [one, two] = [await store.put(await sampleImage('one')), await store.put(await sampleImage('two'))];
    const above = await temporaryFolder();
    const folder = join(above, 'one');
    await store.unpack({ repository, digest: one.digest, folder });
    await rejectsWith('IMAGE_STORE_FOLDER_TAKEN', store.unpack({ repository, digest: two.digest, folder }));
    assert.equal(await readFile(join(folder, 'main.js'), 'utf8'), 'one');

    const foreign = join(above, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'notes.txt'), 'mine');
    await rejectsWith('IMAGE_STORE_FOLDER_TAKEN', store.unpack({ repository, digest: one.digest, folder: foreign }));
    assert.deepEqual(await readdir(foreign), ['notes.txt']);
    assert.deepEqual((await readdir(above)).sort(), ['foreign', 'one']);
  },

  'unpacks nothing of an image it does not hold': async (store) => {
    const above = await temporaryFolder();
    const unknown = store.unpack({ repository, digest: nowhere, folder: join(above, 'one') });
    await rejectsWith('IMAGE_STORE_UNKNOWN_IMAGE', unknown);
    assert.deepEqual(await readdir(above), []);
  },
};

function sampleImage(
  text: string,
  options: { readonly repository?: string; readonly environment?: string; readonly committedAt?: string } = {},
): Promise<AssembledImage> {
  const { environment = 'production', committedAt } = options;
  const files = { 'main.js': text, 'lib/deep/part.js': 'part' };
  const source = sampleSource(files, committedAt === undefined ? {} : { committedAt });
  return assembleImage({ source, repository: options.repository ?? repository, environment });
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'maestro-image-store-'));
}

async function rejectsWith(code: ImageStoreErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => isMaestroError(error, code));
}
