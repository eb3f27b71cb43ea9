import { Readable } from 'node:stream';

import { messageOf } from '@maestro/core';
import { extract, pack } from 'tar-stream';

import type { AssembledImage } from '../../image/assemble-image.ts';
import { describe, digestOf, type ImageBlob } from '../../image/blob.ts';
import { collectBytes } from '../../image/collect-bytes.ts';
import { mediaTypes } from '../../image/oci.ts';
import { brokenAnswer } from './engine-fault.ts';

// Nobody sees it: it only keeps the archive the same for the same image.
const entry = { mtime: new Date(0), uid: 0, gid: 0, mode: 0o644 };

/**
 * An image as `docker load` takes it, under one name. Engines go by `manifest.json`; those that keep images in
 * containerd by the OCI layout around it, so that there too the image has its own manifest.
 */
export function archiveOf({ config, layer, manifest }: AssembledImage, reference: string): AsyncIterable<Uint8Array> {
  const archive = pack();
  const add = (name: string, contents: Uint8Array | string) => {
    archive.entry({ ...entry, name }, Buffer.from(contents));
  };
  for (const blob of [layer, config, manifest]) add(pathOf(blob), blob.contents);
  add('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const annotations = { 'io.containerd.image.name': reference };
  const manifests = [{ ...describe(manifest), annotations }];
  add('index.json', JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
  add('manifest.json', JSON.stringify([{ Config: pathOf(config), RepoTags: [reference], Layers: [pathOf(layer)] }]));
  archive.finalize();
  return archive as AsyncIterable<Uint8Array>;
}

function pathOf({ digest }: ImageBlob): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** The layer with this digest in what `docker save` gives, whatever it is called there. Throws `EngineFault`. */
export async function layerIn(chunks: AsyncIterable<Uint8Array>, digest: string): Promise<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false });
  const archive = extract();
  source.on('error', (error) => {
    archive.destroy(error);
  });
  source.pipe(archive);
  let layer: Uint8Array | undefined;
  try {
    for await (const each of archive) {
      const contents = await collectBytes(each);
      if (layer === undefined && digestOf(contents) === digest) layer = contents;
    }
  } catch (error) {
    throw brokenAnswer(`what it sent is no whole archive: ${messageOf(error)}`, error);
  } finally {
    source.destroy();
  }
  if (layer === undefined) throw brokenAnswer(`what it sent does not hold the layer ${digest}`);
  return layer;
}
