import type { AssembledImage } from '../image/assemble-image.ts';

export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/** An image of a repository. */
export interface ImageKey {
  /** `<project>-<service>` */
  readonly repository: string;
  /** The manifest's digest, `sha256:…`: the image's identity. */
  readonly digest: string;
}

export interface StoredImage extends ImageKey {
  /** Sorted; none for an image whose last tag went to another one. */
  readonly tags: readonly string[];
  /** What it was made of: an image with the same one need not be made again; '' for one of another tool's. */
  readonly inputHash: string;
  /** The commit it was made of, with `-dirty` where the working tree was not it; '' where another tool does not say. */
  readonly revision: string;
  /** When that commit was made, ISO 8601 in UTC. */
  readonly createdAt: string;
  /** Bytes of its layers; in an engine, which keeps no archives, of the files in them. */
  readonly sizeBytes: number;
}

export interface PutImage extends StoredImage {
  /** Whether the repository held the same digest before. */
  readonly alreadyStored: boolean;
}

/**
 * Keeps images. One contract suite holds for every adapter: `@maestro/image-store/testing`.
 * Every method throws `IMAGE_STORE_INVALID_NAME` for names no image repository accepts, `IMAGE_STORE_CORRUPT` for
 * stored data that is not what its digest says; those that write, `IMAGE_STORE_LOCKED` when another writer does not
 * finish.
 */
export interface ImageStore {
  /** Stores an image under its tag, and moves `latest` to it; the same image twice is stored once. */
  put(image: AssembledImage, options?: Cancellable): Promise<PutImage>;
  /** The image a tag or digest stands for; undefined where there is none. */
  resolve(
    key: { readonly repository: string; readonly reference: string },
    options?: Cancellable,
  ): Promise<StoredImage | undefined>;
  /** The images of a repository, those of the newest commits first. */
  list(key: { readonly repository: string }, options?: Cancellable): Promise<readonly StoredImage[]>;
  /** Gives an image one more tag, taking it from the image that had it. Throws `IMAGE_STORE_UNKNOWN_IMAGE`. */
  retag(key: ImageKey & { readonly tag: string }, options?: Cancellable): Promise<void>;
  /**
   * Writes an image's files, and `.maestro-image` that names it, to a folder that appears whole or not at all; a folder
   * that holds this image already is left as it is. Throws `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_FOLDER_TAKEN` for
   * a folder that holds anything else, `IMAGE_STORE_UNSAFE_IMAGE` for files or links that lead out of it.
   */
  unpack(key: ImageKey & { readonly folder: string }, options?: Cancellable): Promise<void>;
  /** Removes an image with its tags and everything no other image needs; one that is not there is fine. */
  remove(key: ImageKey, options?: Cancellable): Promise<void>;
}
