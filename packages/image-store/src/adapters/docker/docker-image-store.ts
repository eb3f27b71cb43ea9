import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { ImageStoreError, unknownImage } from '../../errors.ts';
import type { AssembledImage } from '../../image/assemble-image.ts';
import { assembledContent } from '../../image/assembled-content.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import { checkDigest, checkTag, isDigest, latestTag } from '../../image/names.ts';
import { newestFirst } from '../../image/stored-image.ts';
import { holdsImage, unpackLayer } from '../../image/unpack-layer.ts';
import type { Cancellable, ImageKey, ImageStore, PutImage, StoredImage } from '../../ports/image-store.ts';
import { dockerArchive } from '../../transfer/docker-archive.ts';
import type { EngineClient } from './engine-client.ts';
import type { ImageInRepository } from './engine-image.ts';
import type { EngineImages } from './engine-images.ts';
import { engineFailed, unsupportedLayers } from './errors.ts';
import { loadImage } from './load-image.ts';
import { layerIn } from './saved-layer.ts';

// The engine packs a layer before it sends anything.
const silenceMs = 5 * 60_000;

/** The images that an engine holds, by the names that it would push them under. */
export class DockerImageStore implements ImageStore {
  readonly #client: EngineClient;
  readonly #images: EngineImages;

  constructor(client: EngineClient, images: EngineImages) {
    this.#client = client;
    this.#images = images;
  }

  async put(image: AssembledImage, { signal }: Cancellable = {}): Promise<PutImage> {
    const { repository, digest, tag } = image;
    checkGivenTag(tag);
    const place = { repository, signal };
    const held = await this.#images.find({ ...place, reference: digest });
    const content = assembledContent(image);
    const archive = (name: string) => dockerArchive({ content, repository, digest, names: [name], signal });
    const parts = { client: this.#client, images: this.#images };
    const stored = held ?? (await loadImage(parts, { ...place, digest, imageId: image.config.digest, archive }));
    await this.#images.guard(stored, place, digest);
    for (const given of [tag, latestTag]) await this.#images.tag(stored, { ...place, tag: given });
    return { ...(await this.#described(place, digest)), alreadyStored: held !== undefined };
  }

  async resolve(
    { repository, reference }: { readonly repository: string; readonly reference: string },
    { signal }: Cancellable = {},
  ): Promise<StoredImage | undefined> {
    signal?.throwIfAborted();
    if (!isDigest(reference)) checkTag(reference);
    const image = await this.#images.find({ repository, reference, signal });
    return image?.describe(isDigest(reference) ? reference : image.identities[0]);
  }

  async list({ repository }: { readonly repository: string }, { signal }: Cancellable = {}) {
    signal?.throwIfAborted();
    const images = await this.#images.list({ repository, signal });
    return images.flatMap((image) => image.identities.map((digest) => image.describe(digest))).sort(newestFirst);
  }

  async retag(
    { repository, digest, tag }: ImageKey & { readonly tag: string },
    { signal }: Cancellable = {},
  ): Promise<void> {
    checkDigest(digest);
    checkGivenTag(tag);
    const place = { repository, signal };
    const image = await this.#images.find({ ...place, reference: digest });
    if (image === undefined) throw unknownImage(repository, digest);
    await this.#images.guard(image, place, digest);
    await this.#images.tag(image, { ...place, tag });
  }

  async unpack(
    { repository, digest, folder }: ImageKey & { readonly folder: string },
    { signal }: Cancellable = {},
  ): Promise<void> {
    checkDigest(digest);
    const image = await this.#images.find({ repository, reference: digest, signal });
    if (await holdsImage({ folder, digest })) return;
    if (image === undefined) throw unknownImage(repository, digest);
    const layer = await this.#layer(image, { repository, digest, signal });
    await mkdir(dirname(folder), { recursive: true });
    await unpackLayer({ folder, digest, layer, signal });
  }

  async remove({ repository, digest }: ImageKey, { signal }: Cancellable = {}): Promise<void> {
    checkDigest(digest);
    const image = await this.#images.find({ repository, reference: digest, signal });
    if (image !== undefined) await this.#images.remove(image, digest, { repository, signal });
  }

  async #layer(image: ImageInRepository, { repository, digest, signal }: ImageKey & Cancellable): Promise<Uint8Array> {
    const { layers = [] } = (await this.#images.inspect(image.id, { signal })) ?? {};
    const [layer] = layers;
    if (layer === undefined || layers.length > 1) throw unsupportedLayers(repository, digest, layers.length);
    try {
      const request = { method: 'GET', path: `/images/${image.id}/get` } as const;
      return await this.#client.receive(request, { silenceMs, signal }, (chunks) => layerIn(chunks, layer));
    } catch (error) {
      throw engineFailed({ address: this.#client.address, what: `save ${repository}@${digest}` }, error);
    }
  }

  async #described(place: Cancellable & { readonly repository: string }, digest: string): Promise<StoredImage> {
    const image = await this.#images.find({ ...place, reference: digest });
    if (image !== undefined) return image.describe(digest);
    throw new ImageStoreError('IMAGE_STORE_ENGINE_FAILED', `${place.repository}@${digest} was removed meanwhile`, {
      hint: 'let nobody remove images while they are stored, and try again',
      details: { repository: place.repository, digest },
      retryable: true,
    });
  }
}
