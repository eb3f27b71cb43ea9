import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { isMaestroError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { ImageStoreErrorCode } from '../errors.ts';
import { blobOf, type Descriptor, describe, digestOf, type ImageBlob } from '../image/blob.ts';
import { collectBytes } from '../image/collect-bytes.ts';
import { mediaTypes } from '../image/oci.ts';
import type { ImageContent } from '../ports/image-content.ts';

const repository = 'shop-api';
const nowhere = `sha256:${'0'.repeat(64)}`;

/** What every place for the bytes of images promises; `create` makes an empty one for each case. */
export function imageContentContract(create: () => Promise<ImageContent>): readonly ContractCase[] {
  return Object.entries({ ...blobs, ...damage, ...manifests, ...callers }).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await create());
    },
  }));
}

type Checks = Readonly<Record<string, (content: ImageContent) => Promise<void>>>;

const blobs: Checks = {
  'hands out the bytes of a blob in chunks, as they were written': async (content) => {
    const layer = layerOf('one');
    await write(content, layer);
    const chunks: Uint8Array[] = [];
    for await (const chunk of content.read(describe(layer), { repository })) chunks.push(chunk);
    assert.ok(chunks.length > 1);
    assert.ok(Buffer.concat(chunks).equals(layer.contents));
  },

  'does not ask for the bytes of a blob that is there': async (content) => {
    const layer = layerOf('one');
    await write(content, layer);
    const open = () => assert.fail('asked for bytes that are there');
    await content.write(describe(layer), open, { repository });
  },

  'stores a blob that several write at the same time': async (content) => {
    const layer = layerOf('one');
    await Promise.all([1, 2, 3, 4].map(() => write(content, layer)));
    assert.equal(digestOf(await read(content, describe(layer))), layer.digest);
  },

  'may be left in the middle of a blob, and asked again': async (content) => {
    const layer = layerOf('one');
    await write(content, layer);
    for await (const chunk of content.read(describe(layer), { repository })) {
      assert.ok(chunk.byteLength > 0);
      break;
    }
    assert.equal(digestOf(await read(content, describe(layer))), layer.digest);
  },

  'has no blob that nobody wrote': async (content) => {
    await rejectsWith('IMAGE_STORE_CORRUPT', read(content, describe(layerOf('one'))));
  },
};

const changed: Readonly<Record<string, (contents: Buffer) => Buffer>> = {
  'a wrong last byte': (contents) => Buffer.concat([contents.subarray(0, -1), Buffer.from('!')]),
  'a byte too few': (contents) => contents.subarray(0, -1),
  'a byte too many': (contents) => Buffer.concat([contents, Buffer.from('!')]),
  'no byte at all': () => Buffer.alloc(0),
};

const damage: Checks = {
  ...Object.fromEntries(
    Object.entries(changed).map(([what, change]) => [
      `stores nothing of a blob with ${what}`,
      async (content: ImageContent) => {
        const layer = layerOf('one');
        const wrong = change(Buffer.from(layer.contents));
        const written = content.write(describe(layer), () => inChunks(wrong), { repository });
        await rejectsWith('IMAGE_STORE_CORRUPT', written);
        await rejectsWith('IMAGE_STORE_CORRUPT', read(content, describe(layer)));
        await write(content, layer);
        assert.equal(digestOf(await read(content, describe(layer))), layer.digest);
      },
    ]),
  ),

  'stores nothing when the source of a blob fails, and throws what it threw': async (content) => {
    const layer = layerOf('one');
    const broken = new Error('the source broke');
    const open = async function* () {
      yield* inChunks(layer.contents.subarray(0, 100_000));
      throw broken;
    };
    await assert.rejects(content.write(describe(layer), open, { repository }), broken);
    await rejectsWith('IMAGE_STORE_CORRUPT', read(content, describe(layer)));
  },

  'does not hand out the end of a blob that is longer than its descriptor says, or shorter': async (content) => {
    const layer = layerOf('one');
    await write(content, layer);
    for (const difference of [-1, 1]) {
      const size = layer.contents.byteLength + difference;
      let received = 0;
      const reading = async () => {
        for await (const chunk of content.read({ ...describe(layer), size }, { repository }))
          received += chunk.byteLength;
      };
      await rejectsWith('IMAGE_STORE_CORRUPT', reading());
      assert.ok(received < Math.min(size, layer.contents.byteLength));
    }
  },
};

const manifests: Checks = {
  'has a manifest under its tags and its digest, byte for byte': async (content) => {
    const image = await stored(content, 'one');
    await content.tag(image, { repository, tags: ['production-abc1234', 'latest'] });
    for (const reference of ['production-abc1234', 'latest', image.digest]) {
      await expectManifest(content, reference, image);
    }
  },

  'moves a tag from one image to another, and keeps the one that had it': async (content) => {
    const [one, two] = [await stored(content, 'one'), await stored(content, 'two')];
    await content.tag(one, { repository, tags: ['latest'] });
    await content.tag(two, { repository, tags: ['latest'] });
    await expectManifest(content, 'latest', two);
    await expectManifest(content, one.digest, one);
  },

  'has an index with the images below it': async (content) => {
    const images = [await stored(content, 'one'), await stored(content, 'two')];
    for (const image of images) await content.writeManifest(image, { repository });
    const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: images.map(describe) };
    const index = blobOf(mediaTypes.index, Buffer.from(JSON.stringify(document)));
    await content.tag(index, { repository, tags: ['both'] });
    await expectManifest(content, 'both', index);
    for (const image of images) await expectManifest(content, image.digest, image);
  },

  'stores the same manifest again without complaint': async (content) => {
    const image = await stored(content, 'one');
    for (let time = 0; time < 2; time += 1) {
      await content.writeManifest(image, { repository });
      await content.tag(image, { repository, tags: ['latest'] });
    }
    await expectManifest(content, 'latest', image);
  },

  'has nothing of a repository nobody wrote to': async (content) => {
    assert.equal(await content.manifest({ repository, reference: 'latest' }), undefined);
    assert.equal(await content.manifest({ repository, reference: nowhere }), undefined);
  },

  'has no tag of another repository': async (content) => {
    await content.tag(await stored(content, 'one'), { repository, tags: ['latest'] });
    assert.equal(await content.manifest({ repository: 'shop-web', reference: 'latest' }), undefined);
  },
};

const callers: Checks = {
  'refuses names that no image repository accepts, and tags that are kept for Maestro': async (content) => {
    const invalid = 'IMAGE_STORE_INVALID_NAME';
    const image = await stored(content, 'one');
    const blob = describe(layerOf('one'));
    await rejectsWith(invalid, content.manifest({ repository: '../escape', reference: 'latest' }));
    await rejectsWith(invalid, content.manifest({ repository, reference: 'a/b' }));
    await rejectsWith(invalid, read(content, { ...blob, digest: 'sha256:../../escape' }));
    await rejectsWith(invalid, write(content, { ...layerOf('one'), digest: 'sha512:abc' }));
    await rejectsWith(invalid, content.writeManifest(image, { repository: 'Shop' }));
    await rejectsWith(invalid, content.tag(image, { repository, tags: ['-no'] }));
    await rejectsWith(invalid, content.tag(image, { repository, tags: [`maestro-keep-${'0'.repeat(64)}`] }));
  },

  'does nothing for a caller that has given up': async (content) => {
    const image = await stored(content, 'one');
    const signal = AbortSignal.abort(new Error('given up'));
    const two = layerOf('two');
    await assert.rejects(
      content.write(describe(two), () => inChunks(two.contents), { repository, signal }),
      /given up/,
    );
    await assert.rejects(content.tag(image, { repository, tags: ['latest'], signal }), /given up/);
    await assert.rejects(collectBytes(content.read(describe(layerOf('one')), { repository, signal })), /given up/);
    assert.equal(await content.manifest({ repository, reference: 'latest' }), undefined);
    await rejectsWith('IMAGE_STORE_CORRUPT', read(content, describe(two)));
  },

  'ends the writing of a blob when the caller gives up': async (content) => {
    const layer = layerOf('one');
    const controller = new AbortController();
    const open = async function* () {
      yield* inChunks(layer.contents.subarray(0, 100_000));
      controller.abort(new Error('given up'));
      yield* inChunks(layer.contents.subarray(100_000));
    };
    const { signal } = controller;
    await assert.rejects(content.write(describe(layer), open, { repository, signal }), /given up/);
    await rejectsWith('IMAGE_STORE_CORRUPT', read(content, describe(layer)));
  },
};

/** Writes configuration and layer of an image; returns its manifest, which is not there yet. */
async function stored(content: ImageContent, text: string): Promise<ImageBlob> {
  const layer = layerOf(text);
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = blobOf(mediaTypes.config, Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs })));
  for (const blob of [layer, config]) await write(content, blob);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(config),
    layers: [describe(layer)],
  };
  return blobOf(mediaTypes.manifest, Buffer.from(JSON.stringify(document)));
}

/** Bytes that depend on the text alone, more than anybody hands out at once. */
function layerOf(text: string): ImageBlob {
  const block = createHash('sha512').update(text).digest();
  return blobOf(mediaTypes.layer, Buffer.concat(Array.from({ length: 20_000 }, () => block)));
}

async function* inChunks(contents: Uint8Array, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < contents.byteLength; start += chunkBytes) {
    yield await Promise.resolve(contents.subarray(start, start + chunkBytes));
  }
}

function write(content: ImageContent, blob: ImageBlob): Promise<void> {
  return content.write(describe(blob), () => inChunks(blob.contents), { repository });
}

function read(content: ImageContent, blob: Descriptor): Promise<Buffer> {
  return collectBytes(content.read(blob, { repository }));
}

async function expectManifest(content: ImageContent, reference: string, expected: ImageBlob): Promise<void> {
  const found = await content.manifest({ repository, reference });
  assert.equal(found?.digest, expected.digest);
  assert.equal(found.mediaType, expected.mediaType);
  assert.ok(Buffer.from(found.contents).equals(expected.contents));
}

async function rejectsWith(code: ImageStoreErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => isMaestroError(error, code));
}
