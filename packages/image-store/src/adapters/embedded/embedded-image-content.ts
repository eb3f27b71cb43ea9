import { join } from 'node:path';

import { type Clock, systemClock } from '@maestro/core';

import type { Descriptor, ImageBlob } from '../../image/blob.ts';
import { checkRepository } from '../../image/names.ts';
import type { ContentPlace, ImageContent } from '../../ports/image-content.ts';
import { LayoutContent } from '../layout/layout-content.ts';

export interface EmbeddedImageContentOptions {
  /** The folder of an embedded image store. */
  readonly folder: string;
  readonly clock?: Clock | undefined;
}

/** The bytes of an embedded image store's images: a layout for each repository, in which an image is named by its tag. */
export function openEmbeddedImageContent({ folder, clock = systemClock }: EmbeddedImageContentOptions): ImageContent {
  return new EmbeddedImageContent(folder, clock);
}

class EmbeddedImageContent implements ImageContent {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  // Each is async so that a bad name makes a promise that rejects, as everywhere.
  async manifest(options: ContentPlace & { readonly reference: string }): Promise<ImageBlob | undefined> {
    return this.#layout(options).manifest(options);
  }

  async *read(blob: Descriptor, options: ContentPlace): AsyncIterable<Uint8Array> {
    yield* this.#layout(options).read(blob, options);
  }

  async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: ContentPlace): Promise<void> {
    await this.#layout(options).write(blob, open, options);
  }

  async writeManifest(manifest: ImageBlob, options: ContentPlace): Promise<void> {
    await this.#layout(options).writeManifest(manifest, options);
  }

  async tag(manifest: ImageBlob, options: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    await this.#layout(options).tag(manifest, options);
  }

  #layout({ repository }: ContentPlace): LayoutContent {
    checkRepository(repository);
    return new LayoutContent({
      folder: join(this.#folder, repository),
      clock: this.#clock,
      nameOf: (_, tag) => tag,
    });
  }
}
