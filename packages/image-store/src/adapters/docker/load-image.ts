import { guardTag } from '../../image/guard-tags.ts';
import type { Cancellable, ImageKey } from '../../ports/image-store.ts';
import type { EngineClient } from './engine-client.ts';
import { brokenAnswer, EngineFault } from './engine-fault.ts';
import type { ImageInRepository } from './engine-image.ts';
import type { EngineImages } from './engine-images.ts';
import { engineFailed } from './errors.ts';

export interface LoadedArchive extends ImageKey, Cancellable {
  /** Digest of the configuration: what the engine is to call the image. */
  readonly imageId: string;
  /** Makes the archive that `docker load` takes, with the image under this name alone. */
  readonly archive: (name: string) => AsyncIterable<Uint8Array>;
}

// The engine unpacks a layer before it says anything more.
const silenceMs = 5 * 60_000;

/** Loads an image under its guard alone, so that no tag is taken from an image that would be lost. */
export async function loadImage(
  { client, images }: { readonly client: EngineClient; readonly images: EngineImages },
  { repository, digest, imageId, archive, signal }: LoadedArchive,
): Promise<ImageInRepository> {
  const reference = `${images.names.of(repository)}:${guardTag(digest)}`;
  const said: string[] = [];
  try {
    await client.follow(
      { method: 'POST', path: '/images/load', body: archive(reference) },
      {
        silenceMs,
        signal,
        onEvent: ({ stream = '' }) => {
          said.push(stream);
        },
      },
    );
    if (!said.some((line) => line.startsWith('Loaded image'))) {
      throw brokenAnswer('it did not say that the image is loaded');
    }
    const found = await images.find({ repository, reference: digest, signal });
    // An engine that keeps images in containerd calls them by their manifest.
    if (found?.id === imageId || found?.id === digest) return found;
    throw new EngineFault(`it has ${found?.id ?? 'nothing'} under ${reference}, expected ${imageId}`);
  } catch (error) {
    throw engineFailed({ address: client.address, what: `load ${reference}` }, error);
  }
}
