import type { Descriptor, ImageBlob } from '../image/blob.ts';
import type { Cancellable } from './image-store.ts';

/** Where an image is, or will be. */
export interface ContentPlace extends Cancellable {
  /** `<project>-<service>` */
  readonly repository: string;
}

/**
 * The bytes that images consist of, as they are copied from one place to another without changing a digest.
 * One contract suite holds for every adapter: `@maestro/image-store/testing`.
 * Every method throws `IMAGE_STORE_INVALID_NAME`, and `IMAGE_STORE_CORRUPT` for bytes that are not what their digest
 * says, whether they are read or to be written.
 */
export interface ImageContent {
  /** The manifest or index that a tag or digest stands for; undefined where there is none. */
  manifest(options: ContentPlace & { readonly reference: string }): Promise<ImageBlob | undefined>;
  /**
   * A blob in chunks, so that a layer never lies in memory as a whole; the last one comes when all of them are checked.
   * Throws `IMAGE_STORE_CORRUPT` for one that is missing, too.
   */
  read(blob: Descriptor, options: ContentPlace): AsyncIterable<Uint8Array>;
  /**
   * Stores a blob whole or not at all. Where it is there already, or can be had without its bytes, `open` is not asked
   * for them; it may be asked several times.
   */
  write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: ContentPlace): Promise<void>;
  /** Stores a manifest by its digest alone, as an index needs it; what it refers to must be there. */
  writeManifest(manifest: ImageBlob, options: ContentPlace): Promise<void>;
  /**
   * Stores a manifest or index, keeps it from being collected, and gives it these tags, taking them from what had them;
   * what it refers to must be there.
   */
  tag(manifest: ImageBlob, options: ContentPlace & { readonly tags: readonly string[] }): Promise<void>;
}

/** A place that images are only written to. */
export type WritableImageContent = Pick<ImageContent, 'write' | 'writeManifest' | 'tag'>;

/** A place that images are only read from. */
export type ReadableImageContent = Pick<ImageContent, 'manifest' | 'read'>;
