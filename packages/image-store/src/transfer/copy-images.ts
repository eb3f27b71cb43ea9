import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import type { ImageEvent } from '../events.ts';
import type { ImageBlob } from '../image/blob.ts';
import { checkGivenTag } from '../image/guard-tags.ts';
import { checkDigest, checkRepository } from '../image/names.ts';
import type { ReadableImageContent, WritableImageContent } from '../ports/image-content.ts';
import type { Cancellable, ImageKey } from '../ports/image-store.ts';
import { copyContents, type CopiedContents } from './copy-contents.ts';
import { readImageTree } from './image-tree.ts';

/** An image, and the tags that it gets where it is copied to. */
export interface TaggedImageKey extends ImageKey {
  readonly tags: readonly string[];
}

export interface CopyOptions extends Cancellable {
  readonly from: ReadableImageContent;
  readonly to: WritableImageContent;
  /** `image-layer` with the bytes so far, and `image-copied`. */
  readonly onEvent?: Observer<ImageEvent> | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

export interface CopiedImage extends TaggedImageKey {
  /** Bytes of what was not there before. */
  readonly copiedBytes: number;
}

export interface CopySteps {
  /** As the machine that copies sees it; `push` by default. */
  readonly direction?: 'pull' | 'push' | undefined;
  readonly afterContents?: AfterContents | undefined;
}

export type AfterContents = (image: ImageKey, contents: CopiedContents) => Promise<void>;

/** Copies everything that the images consist of, and only when all of that is there the images with their tags. */
export async function copyImages(
  images: readonly TaggedImageKey[],
  options: CopyOptions & CopySteps,
): Promise<readonly CopiedImage[]> {
  const { to, clock = systemClock, logger = silentLogger, signal } = options;
  signal?.throwIfAborted();
  images.forEach(checkNames);
  const emit = createEmitter<ImageEvent>({ onEvent: options.onEvent, clock, logger });
  const arrived: { readonly root: ImageBlob; readonly image: CopiedImage; readonly durationMs: number }[] = [];
  // One after the other: what they share is then taken from the repository that has it.
  for (const image of images) {
    const startedAtMs = clock.monotonic();
    const { root, copiedBytes } = await copyOne(image, { ...options, emit });
    arrived.push({ root, image: { ...image, copiedBytes }, durationMs: clock.monotonic() - startedAtMs });
  }
  for (const { root, image, durationMs } of arrived) {
    await to.tag(root, { repository: image.repository, tags: image.tags, signal });
    emit({ type: 'image-copied', ...image, durationMs });
  }
  return arrived.map(({ image }) => image);
}

async function copyOne(
  { repository, digest }: ImageKey,
  options: CopyOptions & CopySteps & { readonly emit: (event: ImageEvent) => void },
): Promise<{ readonly root: ImageBlob; readonly copiedBytes: number }> {
  const { from, to, emit, direction = 'push', afterContents, signal } = options;
  const tree = await readImageTree({ content: from, repository, digest, signal });
  const contents = await copyContents(tree, { from, to, repository, direction, emit, signal });
  await afterContents?.({ repository, digest }, contents);
  return { root: tree.root, copiedBytes: contents.copied.reduce((sum, { size }) => sum + size, 0) };
}

function checkNames({ repository, digest, tags }: TaggedImageKey): void {
  checkRepository(repository);
  checkDigest(digest);
  tags.forEach(checkGivenTag);
}
