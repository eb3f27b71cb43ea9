import { unknownImage } from '../../errors.ts';
import { readIndex, readManifest } from '../../image/documents.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import type { ReadableImageContent } from '../../ports/image-content.ts';
import type { Cancellable, ImageStore, StoredImage } from '../../ports/image-store.ts';
import type { TaggedImageKey } from '../../transfer/copy-images.ts';
import { dockerArchive } from '../../transfer/docker-archive.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineImages } from './engine-images.ts';
import { loadImage } from './load-image.ts';

interface Engine {
  readonly client: EngineClient;
  readonly images: EngineImages;
  readonly store: ImageStore;
}

type ContentOfImage = TaggedImageKey & Cancellable & { readonly content: ReadableImageContent };

/** Loads an image that is kept as a repository has it; one that the engine holds only gets the tags. */
export async function loadContent(
  engine: Engine,
  { content, repository, digest, tags, signal }: ContentOfImage,
): Promise<StoredImage> {
  tags.forEach(checkGivenTag);
  const place = { repository, signal };
  const held = await engine.store.resolve({ repository, reference: digest }, { signal });
  if (held === undefined) {
    const imageId = await imageIdOf({ content, repository, digest, tags, signal });
    const archive = (name: string) => dockerArchive({ content, repository, digest, names: [name], signal });
    await loadImage(engine, { ...place, digest, imageId, archive });
  }
  for (const tag of tags) await engine.store.retag({ repository, digest, tag }, { signal });
  const stored = await engine.store.resolve({ repository, reference: digest }, { signal });
  if (stored === undefined) throw unknownImage(repository, digest);
  return stored;
}

/** The digest of its configuration; of an index, that of its image for linux/amd64. */
async function imageIdOf({ content, repository, digest, signal }: ContentOfImage): Promise<string> {
  const document = async (reference: string) => {
    const found = await content.manifest({ repository, reference, signal });
    if (found === undefined) throw unknownImage(repository, reference);
    return found;
  };
  const root = await document(digest);
  const ofPlatform = readIndex(root);
  const manifest = readManifest(ofPlatform === undefined ? root : await document(ofPlatform));
  return manifest?.config.digest ?? '';
}
