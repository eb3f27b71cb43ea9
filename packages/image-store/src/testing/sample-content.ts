import { createHash } from 'node:crypto';

import { blobOf, type Descriptor, describe, type ImageBlob } from '../image/blob.ts';
import { mediaTypes } from '../image/oci.ts';
import { packLayer } from '../image/pack-layer.ts';
import type { WritableImageContent } from '../ports/image-content.ts';

const createdAt = '2026-01-01T00:00:00.000Z';
const repository = 'shop-api';

export interface SampleImageOptions {
  readonly repository?: string;
  readonly architecture?: 'amd64' | 'arm64';
  /** Layers of their own are made of these texts; the same text is the same layer. */
  readonly texts: readonly string[];
  /** Layers that are described and not stored. */
  readonly foreign?: readonly Descriptor[];
}

/** Stores configuration and layers of an image, and returns its manifest, which is still to be stored. */
export async function writeSampleImage(content: WritableImageContent, options: SampleImageOptions): Promise<ImageBlob> {
  const { architecture = 'amd64', texts, foreign = [] } = options;
  const place = { repository: options.repository ?? repository };
  const layers = await Promise.all(texts.map(sampleLayer));
  const config = jsonBlob(mediaTypes.config, {
    created: createdAt,
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  for (const blob of [...layers, config]) await content.write(describe(blob), () => whole(blob), place);
  return jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(config),
    layers: [...layers.map(describe), ...foreign],
  });
}

/** Stores an image, and gives it these tags. */
export async function tagSampleImage(
  content: WritableImageContent,
  options: SampleImageOptions & { readonly tags: readonly string[] },
): Promise<ImageBlob> {
  const manifest = await writeSampleImage(content, options);
  await content.tag(manifest, { repository: options.repository ?? repository, tags: options.tags });
  return manifest;
}

/** Stores an index with an image for two platforms and an attestation of how one of them was built. */
export async function tagSampleIndex(
  content: WritableImageContent,
  { texts, tags }: { readonly texts: readonly string[]; readonly tags: readonly string[] },
): Promise<{ readonly index: ImageBlob; readonly children: readonly ImageBlob[] }> {
  const place = { repository };
  const statement = blobOf('application/vnd.in-toto+json', Buffer.from(JSON.stringify({ builtFrom: texts })));
  const config = jsonBlob(mediaTypes.config, { architecture: 'unknown', os: 'unknown', config: {}, rootfs: {} });
  for (const blob of [statement, config]) await content.write(describe(blob), () => whole(blob), place);
  const attestation = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(config),
    layers: [describe(statement)],
  });
  const amd64 = await writeSampleImage(content, { texts: [...texts, 'on amd64'] });
  const arm64 = await writeSampleImage(content, { texts: [...texts, 'on arm64'], architecture: 'arm64' });
  const children = [amd64, arm64, attestation];
  for (const child of children) await content.writeManifest(child, place);
  const index = jsonBlob(mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      { ...describe(amd64), platform: { os: 'linux', architecture: 'amd64' } },
      { ...describe(arm64), platform: { os: 'linux', architecture: 'arm64' } },
      {
        ...describe(attestation),
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
    ],
  });
  await content.tag(index, { repository, tags });
  return { index, children };
}

/** A layer with a file of 200 kB that depends on the text alone. */
export async function sampleLayer(text: string): Promise<ImageBlob> {
  const block = createHash('sha512').update(text).digest();
  const contents = Buffer.concat(Array.from({ length: 3200 }, () => block));
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.bin`;
  return blobOf(mediaTypes.layer, await packLayer([{ path: name, mode: 0o644, contents }], createdAt));
}

function jsonBlob(mediaType: string, document: object): ImageBlob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(document)));
}

async function* whole({ contents }: ImageBlob): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(contents);
}
