import { type Clock, createEmitter, type Logger, messageOf } from '@maestro/core';

import { unknownImage } from '../../errors.ts';
import type { ImageEvent } from '../../events.ts';
import { checkGivenTag, guardTag, isInputTag } from '../../image/guard-tags.ts';
import { checkDigest } from '../../image/names.ts';
import type { ImageEngine, TransferOptions } from '../../ports/image-engine.ts';
import type { Cancellable, ImageKey, StoredImage } from '../../ports/image-store.ts';
import { brokenAnswer } from './engine-fault.ts';
import type { ImageInRepository } from './engine-image.ts';
import type { EngineImages } from './engine-images.ts';
import { noRepository } from './errors.ts';
import type { ImageTransfers } from './image-transfers.ts';

export interface DockerImageEngineParts {
  readonly images: EngineImages;
  readonly transfers: ImageTransfers;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Place extends Cancellable {
  readonly repository: string;
}

/** Moves images between an engine and its image repository. */
export class DockerImageEngine implements ImageEngine {
  readonly #parts: DockerImageEngineParts;

  constructor(parts: DockerImageEngineParts) {
    this.#parts = parts;
  }

  async push(
    { repository, tag }: { readonly repository: string; readonly tag: string },
    options: TransferOptions = {},
  ): Promise<StoredImage> {
    checkGivenTag(tag);
    const { images, clock } = this.#parts;
    const place = { repository, signal: options.signal };
    const startedAtMs = clock.monotonic();
    const image = await images.find({ ...place, reference: tag });
    if (images.names.host === undefined) throw noRepository(repository, 'push');
    if (image === undefined) throw unknownImage(repository, tag);
    const digest = (await this.#heldUnder(tag, image, place)) ?? (await this.#send(tag, place, options));
    const pushed = await images.find({ ...place, reference: digest });
    if (pushed?.id !== image.id) throw this.#unproved('push', `${images.names.of(repository)}:${tag}`, digest);
    await images.guard(pushed, place, digest);
    await this.#sendReserved(pushed, digest, place, options);
    const stored = await this.#described('push', place, digest);
    this.#emit(options, { type: 'image-pushed', repository, tag, digest, durationMs: clock.monotonic() - startedAtMs });
    return stored;
  }

  async pull({ repository, digest }: ImageKey, options: TransferOptions = {}): Promise<StoredImage> {
    checkDigest(digest);
    const { images, transfers, clock } = this.#parts;
    const place = { repository, signal: options.signal };
    const startedAtMs = clock.monotonic();
    const held = await images.find({ ...place, reference: digest });
    if (held?.isGuarded(digest) === true) return held.describe(digest);
    if (held === undefined) {
      if (images.names.host === undefined) throw noRepository(repository, 'pull');
      await transfers.pull({ repository, reference: `${images.names.of(repository)}@${digest}` }, options);
    }
    const image = held ?? (await images.find({ ...place, reference: digest }));
    if (image === undefined) throw this.#unproved('pull', `${images.names.of(repository)}@${digest}`, digest);
    await images.guard(image, place, digest);
    const stored = await this.#described('pull', place, digest);
    if (held === undefined) {
      this.#emit(options, { type: 'image-pulled', repository, digest, durationMs: clock.monotonic() - startedAtMs });
    }
    return stored;
  }

  /** The digest under which the registry has this very image at this tag: a repository may refuse to have it again. */
  async #heldUnder(tag: string, image: ImageInRepository, place: Place): Promise<string | undefined> {
    if (image.digests.length === 0) return undefined;
    const { images, transfers } = this.#parts;
    const there = await transfers.remoteDigest(`${images.names.of(place.repository)}:${tag}`, place);
    return image.digests.find((digest) => digest === there);
  }

  #send(tag: string, { repository }: Place, options: TransferOptions): Promise<string> {
    const { images, transfers } = this.#parts;
    return transfers.push({ name: images.names.of(repository), tag, repository }, options);
  }

  /** Once more under the tags that are for this package; no layer moves. */
  async #sendReserved(image: ImageInRepository, digest: string, place: Place, options: TransferOptions): Promise<void> {
    const name = this.#parts.images.names.of(place.repository);
    const guard = guardTag(digest);
    const sendOnce = async (tag: string) => {
      if ((await this.#parts.transfers.remoteDigest(`${name}:${tag}`, place)) === digest) return;
      const sent = await this.#send(tag, place, { signal: options.signal });
      if (sent !== digest) throw this.#unproved('push', `${name}:${tag}`, digest);
    };
    await sendOnce(guard);
    for (const tag of image.tags.filter(isInputTag)) {
      try {
        await sendOnce(tag);
      } catch (error) {
        options.signal?.throwIfAborted();
        // Where tags never move it is the first image of that input. What is lost is a build that is not left out.
        this.#parts.logger.warn('an image cannot be found by its input', {
          image: `${name}:${tag}`,
          error: messageOf(error),
        });
      }
    }
  }

  async #described(direction: 'push' | 'pull', place: Place, digest: string): Promise<StoredImage> {
    const image = await this.#parts.images.find({ ...place, reference: digest });
    if (image !== undefined) return image.describe(digest);
    throw this.#unproved(direction, `${this.#parts.images.names.of(place.repository)}@${digest}`, digest);
  }

  #unproved(direction: 'push' | 'pull', reference: string, digest: string): unknown {
    const fault = brokenAnswer(`the engine does not hold ${digest}, which it says to have ${direction}ed`);
    return this.#parts.transfers.failure(direction, reference, fault);
  }

  #emit({ onEvent }: TransferOptions, event: ImageEvent): void {
    const { clock, logger } = this.#parts;
    createEmitter<ImageEvent>({ onEvent, clock, logger })(event);
  }
}
