import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { blobOf, type Descriptor, describe as described, type ImageBlob } from '../image/blob.ts';
import { partsOf } from '../image/documents.ts';
import type { ContentPlace, ImageContent } from '../ports/image-content.ts';
import { MemoryImageContent } from '../testing/memory-image-content.ts';
import { tagSampleImage, tagSampleIndex, writeSampleImage } from '../testing/sample-content.ts';
import { copyImage } from './copy-image.ts';
import { mirrorImages } from './mirror-images.ts';

const repository = 'shop-api';
const tags = ['stable'];

/** Remembers what it was told to store, in this order. */
class RecordingContent extends MemoryImageContent {
  readonly steps: string[] = [];
  busy = 0;
  mostBusy = 0;

  override async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, place: ContentPlace): Promise<void> {
    this.mostBusy = Math.max(this.mostBusy, (this.busy += 1));
    await super.write(blob, open, place).finally(() => (this.busy -= 1));
    this.steps.push(`blob ${blob.digest}`);
  }

  override async writeManifest(manifest: ImageBlob, place: ContentPlace): Promise<void> {
    await super.writeManifest(manifest, place);
    this.steps.push(`manifest ${manifest.digest}`);
  }

  override async tag(manifest: ImageBlob, place: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    await super.tag(manifest, place);
    this.steps.push(`tags ${place.tags.join()}`);
  }
}

/** Every blob of a document and of those below it, read to its end. */
async function readAll(content: ImageContent, digest: string): Promise<number> {
  const document = await content.manifest({ repository, reference: digest });
  const parts = document && partsOf(document);
  if (document?.digest !== digest || parts === undefined) throw new Error(`${digest} is not there`);
  let bytes = 0;
  for (const blob of parts.blobs) {
    for await (const chunk of content.read(blob, { repository })) bytes += chunk.byteLength;
  }
  for (const child of parts.documents) bytes += await readAll(content, child.digest);
  return bytes;
}

describe('copyImage', () => {
  it('copies an image byte for byte, and the image itself after everything that it consists of', async () => {
    const [from, to] = [new MemoryImageContent(), new RecordingContent()];
    const { digest } = await tagSampleImage(from, { texts: ['base', 'own'], tags: [] });
    const copied = await copyImage({ from, to, repository, digest, tags });
    expect(copied).toEqual({ repository, digest, tags, copiedBytes: await readAll(to, digest) });
    expect(await to.manifest({ repository, reference: 'stable' })).toEqual(
      await from.manifest({ repository, reference: digest }),
    );
    expect(to.steps.slice(-2)).toEqual([`manifest ${digest}`, 'tags stable']);
    expect(to.steps.slice(0, -2).every((step) => step.startsWith('blob '))).toBe(true);
  });

  it('copies an index with the images for all platforms and their attestations, the index last', async () => {
    const [from, to] = [new MemoryImageContent(), new RecordingContent()];
    const { index, children } = await tagSampleIndex(from, { texts: ['base'], tags: [] });
    await copyImage({ from, to, repository, digest: index.digest, tags });
    expect(await readAll(to, index.digest)).toBe(await readAll(from, index.digest));
    const manifests = to.steps.filter((step) => !step.startsWith('blob '));
    const expected = [...children, index].map(({ digest }) => `manifest ${digest}`);
    expect(manifests).toEqual([...expected, 'tags stable']);
  });

  it('reads nothing that is there already', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const one = await tagSampleImage(from, { texts: ['base', 'one'], tags: [] });
    const two = await tagSampleImage(from, { texts: ['base', 'two'], tags: [] });
    const first = await copyImage({ from, to, repository, digest: one.digest, tags });
    const second = await copyImage({ from, to, repository, digest: two.digest, tags });
    const again = await copyImage({ from, to, repository, digest: two.digest, tags: ['latest'] });
    expect(second.copiedBytes).toBeGreaterThan(0);
    expect(second.copiedBytes).toBeLessThan(0.6 * first.copiedBytes);
    expect(again.copiedBytes).toBe(0);
  });

  it('leaves foreign layers where they are', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
    const foreign = [{ mediaType, digest: `sha256:${'1'.repeat(64)}`, size: 1_000_000 }];
    const { digest } = await tagSampleImage(from, { texts: ['own'], foreign, tags: [] });
    await copyImage({ from, to, repository, digest, tags });
    const copied = await to.manifest({ repository, reference: 'stable' });
    expect(copied?.digest).toBe(digest);
    expect(Buffer.from(copied?.contents ?? '').toString()).toContain('1'.repeat(64));
  });

  it('copies several layers at once, but not all', async () => {
    const [from, to] = [new MemoryImageContent(), new RecordingContent()];
    const texts = Array.from({ length: 20 }, (_, index) => `layer ${index}`);
    const { digest } = await tagSampleImage(from, { texts, tags: [] });
    await copyImage({ from, to, repository, digest, tags });
    expect(to.mostBusy).toBe(8);
  });

  it('tells how far each layer is, in order and up to all of its bytes', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const { digest } = await tagSampleImage(from, { texts: ['own'], tags: [] });
    const events: unknown[] = [];
    await copyImage({ from, to, repository, digest, tags, onEvent: (event) => events.push(event) });
    const manifest = await from.manifest({ repository, reference: digest });
    for (const { digest: layer, size } of manifest === undefined ? [] : (partsOf(manifest)?.blobs ?? [])) {
      const own = events.filter((event) => (event as { readonly layer?: string }).layer === layer);
      expect(own).toMatchObject([
        { type: 'image-layer', direction: 'push', status: 'copying', currentBytes: 0, totalBytes: size },
        { type: 'image-layer', direction: 'push', status: 'copied', currentBytes: size, totalBytes: size },
      ]);
    }
    expect(events.at(-1)).toMatchObject({ type: 'image-copied', repository, digest, tags });
  });

  it('sets no tag when a layer cannot be read, and begins with no other layer', async () => {
    const [from, to] = [new MemoryImageContent(), new RecordingContent()];
    const texts = Array.from({ length: 20 }, (_, index) => `layer ${index}`);
    const manifest = await writeSampleImage(new MemoryImageContent(), { texts });
    await from.tag(manifest, { repository, tags: [] });
    const copying = copyImage({ from, to, repository, digest: manifest.digest, tags });
    await expect(copying).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_CORRUPT'));
    expect(to.steps).toEqual([]);
  });

  it('says what is missing: the image, or a manifest that an index names', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const digest = `sha256:${'0'.repeat(64)}`;
    const unknown = copyImage({ from, to, repository, digest, tags });
    await expect(unknown).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNKNOWN_IMAGE'));
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const child = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 3 };
    const index = blobOf(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [child] })));
    await from.tag(index, { repository, tags: [] });
    const partial = copyImage({ from, to, repository, digest: index.digest, tags });
    await expect(partial).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_CORRUPT'));
    await expect(partial).rejects.toThrow(digest);
  });

  it('refuses documents that are neither images nor indexes', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const old = blobOf('application/vnd.docker.distribution.manifest.v1+prettyjws', Buffer.from('{"schemaVersion":1}'));
    await from.tag(old, { repository, tags: [] });
    const copying = copyImage({ from, to, repository, digest: old.digest, tags });
    await expect(copying).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNSUPPORTED_IMAGE'));
  });

  it('asks for nothing with a name that nobody may give', async () => {
    const [from, to] = [new MemoryImageContent(), new MemoryImageContent()];
    const { digest } = described(await tagSampleImage(from, { texts: ['own'], tags: [] }));
    const reserved = copyImage({ from, to, repository, digest, tags: [`maestro-keep-${'0'.repeat(64)}`] });
    await expect(reserved).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'));
    expect(await to.manifest({ repository, reference: digest })).toBeUndefined();
  });
});

describe('mirrorImages', () => {
  it('copies the images of a release under their tags, all contents before the first tag', async () => {
    const [from, to] = [new MemoryImageContent(), new RecordingContent()];
    const api = await tagSampleImage(from, { texts: ['base', 'api'], tags: [] });
    const web = await tagSampleImage(from, { texts: ['base', 'web'], tags: [], repository: 'shop-web' });
    const common = { configHash: 'f00d', secretVersions: {} };
    const services = [
      { ...common, name: 'api', image: 'shop-api:production-abc1234', digest: api.digest },
      { ...common, name: 'worker', image: 'shop-api:production-abc1234', digest: api.digest },
      { ...common, name: 'web', image: 'shop-web:production-def5678', digest: web.digest },
    ];
    const copied = await mirrorImages({ from, to, release: { services } });
    expect(copied).toMatchObject([
      { repository: 'shop-api', digest: api.digest, tags: ['production-abc1234'] },
      { repository: 'shop-web', digest: web.digest, tags: ['production-def5678'] },
    ]);
    const firstRoot = to.steps.findIndex((step) => !step.startsWith('blob '));
    expect(to.steps.slice(firstRoot)).toEqual([
      `manifest ${api.digest}`,
      'tags production-abc1234',
      `manifest ${web.digest}`,
      'tags production-def5678',
    ]);
  });
});
