import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { messageOf } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import type { ImageBlob } from '../../image/blob.ts';
import { gzipTypes, type ImageManifest, readConfig, readIndex, readManifest } from '../../image/documents.ts';
import { mediaTypes } from '../../image/oci.ts';
import type { Cancellable, ImageKey } from '../../ports/image-store.ts';
import type { Blobs } from './blobs.ts';
import { type ImageFacts, imageFacts, isComplete } from './image-facts.ts';
import type { Manifests } from './manifests.ts';

interface ImageOptions extends Cancellable {
  readonly repository: string;
}

/** A layer is held in memory; one that unpacks to more than this is an attack. */
const mostLayerBytes = 2 ** 31;
const configBytes = 4 * 1024 * 1024;

/** What manifests stand for: images, made by this package or by any tool. */
export class Images {
  readonly #manifests: Manifests;
  readonly #blobs: Blobs;

  constructor(manifests: Manifests, blobs: Blobs) {
    this.#manifests = manifests;
    this.#blobs = blobs;
  }

  /** Undefined for what is no image: a signature, a chart. */
  async facts(document: ImageBlob, options: ImageOptions): Promise<ImageFacts | undefined> {
    const manifest = await this.#manifestOf(document, options);
    if (manifest === undefined) return undefined;
    const known = isComplete(manifest) || manifest.config.size > configBytes;
    return imageFacts(manifest, known ? {} : readConfig(await this.#blobs.read(manifest.config, options)));
  }

  /** The one layer of an image, as a tar archive. Throws `IMAGE_STORE_UNSUPPORTED_IMAGE`, `IMAGE_STORE_CORRUPT`. */
  async layer(document: ImageBlob, options: ImageOptions): Promise<Uint8Array> {
    const manifest = await this.#manifestOf(document, options);
    const [layer, ...others] = manifest?.layers ?? [];
    const packed = gzipTypes.includes(layer?.mediaType ?? '');
    if (layer === undefined || others.length > 0 || (!packed && layer.mediaType !== mediaTypes.layer)) {
      throw unsupported({ ...options, digest: document.digest }, 'expected one layer, a tar archive, gzipped or not');
    }
    const bytes = await this.#blobs.read(layer, options);
    return packed ? unpacked(bytes, { ...options, digest: document.digest }) : bytes;
  }

  async #manifestOf(document: ImageBlob, { repository, signal }: ImageOptions): Promise<ImageManifest | undefined> {
    const reference = readIndex(document);
    if (reference === undefined) return readManifest(document);
    const ofPlatform = await this.#manifests.read({ repository, reference, signal });
    return ofPlatform === undefined ? undefined : readManifest(ofPlatform);
  }
}

export function unsupported({ repository, digest }: ImageKey, why: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNSUPPORTED_IMAGE', `${repository}@${digest} is of no use here: ${why}`, {
    hint: 'run images of other tools in containers, or build this one with Maestro',
    details: { repository, digest },
  });
}

async function unpacked(bytes: Uint8Array, image: ImageKey): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: mostLayerBytes });
  } catch (error) {
    throw unsupported(image, `its layer cannot be unpacked: ${messageOf(error)}`);
  }
}
