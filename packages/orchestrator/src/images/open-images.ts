import { buildImages, pushImages, scanServices } from './build-and-push.ts';
import type { EnvironmentImages } from './environment-images.ts';
import type { ImageParts } from './image-parts.ts';
import { loadImages, mirrorRelease, saveImages } from './move-images.ts';
import { prunePlaces } from './prune-places.ts';
import { rollbackImages } from './rollback-images.ts';
import { imageHistory, listImages, tagImage } from './stored-images.ts';

/** The images of an environment, whatever keeps them; nothing is loaded before the first call. */
export function openImages(parts: () => Promise<ImageParts>): EnvironmentImages {
  return {
    build: async (options) => buildImages(await parts(), options),
    push: async (options) => pushImages(await parts(), options),
    list: async ({ signal } = {}) => listImages(await parts(), signal),
    tag: async (options) => tagImage(await parts(), options),
    history: async ({ signal } = {}) => imageHistory(await parts(), signal),
    rollback: async (options) => rollbackImages(await parts(), options),
    prune: async (options) => prunePlaces(await parts(), options),
    scan: async (options) => scanServices(await parts(), options),
    save: async (options) => saveImages(await parts(), options),
    load: async (options) => loadImages(await parts(), options),
    mirror: async (options) => mirrorRelease(await parts(), options),
  };
}

/** Opens with the first call, and once more after an opening that failed. */
export function openedOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
}
