import type { Observer } from '@maestro/core';

import type { ImageEvent } from '../events.ts';
import type { Cancellable, ImageKey, StoredImage } from './image-store.ts';

export interface TransferOptions extends Cancellable {
  readonly onEvent?: Observer<ImageEvent> | undefined;
}

/**
 * Moves images between one machine's container engine and the image repository it was opened with.
 * Every method throws `IMAGE_STORE_ENGINE_UNREACHABLE`, `IMAGE_STORE_ENGINE_FAILED`.
 */
export interface ImageEngine {
  /**
   * Sends an image of the engine under one of its tags and guards it there and here; its digest in the repository is
   * its identity from now on. Throws `IMAGE_STORE_PUSH_FAILED`, `IMAGE_STORE_UNKNOWN_IMAGE`.
   */
  push(image: { readonly repository: string; readonly tag: string }, options?: TransferOptions): Promise<StoredImage>;
  /**
   * Fetches an image by digest and guards it, so that neither `docker image prune` nor another release takes it away;
   * asks no repository where the engine holds it. Throws `IMAGE_STORE_PULL_FAILED`.
   */
  pull(image: ImageKey, options?: TransferOptions): Promise<StoredImage>;
}
