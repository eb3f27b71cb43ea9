import { inputTag } from '../image/guard-tags.ts';
import type { ImageStore } from '../ports/image-store.ts';
import type { FindImage } from './build-images.ts';

export interface FindByInputOptions {
  /** What the engine holds that builds. */
  readonly engine: Pick<ImageStore, 'resolve'>;
  /** Where else images may be, such as the image repository that they are sent to; asked first. */
  readonly stores?: readonly Pick<ImageStore, 'resolve'>[] | undefined;
}

/** Finds images by the tags of their inputs, for `buildImages`; base images in the engine alone. */
export function findByInput({ engine, stores = [] }: FindByInputOptions): FindImage {
  return async ({ repository, inputHash, inEngine }, options) => {
    for (const store of inEngine ? [engine] : [...stores, engine]) {
      const found = await store.resolve({ repository, reference: inputTag(inputHash) }, options);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
