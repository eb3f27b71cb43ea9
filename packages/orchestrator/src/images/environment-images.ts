import type { Observer } from '@maestro/core';
import type {
  AllowedFinding,
  ImageEvent,
  KeptImage,
  ReleaseImages,
  ScanEvent,
  ScanReport,
  StoredImage,
} from '@maestro/image-store';

/**
 * The images of an environment: built, kept, sent to where they are needed, remembered. An embedded environment keeps
 * them in folders; one that runs containers in an engine and, where it has one, in an image repository.
 */
export interface EnvironmentImages {
  /**
   * Builds what changed, bases first; with `push` all of it is in the image repository afterwards and recorded as a
   * release that was pushed. Throws `IMAGE_STORE_DIRTY`, `IMAGE_STORE_BUILD_FAILED`, `IMAGE_STORE_PUSH_FAILED`.
   */
  build(options?: BuildImagesOptions): Promise<BuiltImages>;
  /** Sends what was built before, and records it as a release that was pushed; builds nothing. */
  push(options?: ServiceImagesOptions): Promise<BuiltImages>;
  /** Those of the newest commits first; also of services that the environment had and has no more. */
  list(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly StoredImage[]>;
  /**
   * Gives an image one more tag, such as `stable`, taking it from the image that had it; an image with a tag that
   * somebody gave it is never pruned. Throws `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_INVALID_NAME`.
   */
  tag(options: TagOptions): Promise<StoredImage>;
  /** The remembered releases, newest first, and which of their images are still there. */
  history(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly ReleaseImages[]>;
  /**
   * Makes the images of an earlier release the ones to run: on this machine, guarded, tagged `latest`. Builds nothing;
   * asks no image repository for what this machine holds. Throws `IMAGE_STORE_NO_ROLLBACK_TARGET`.
   */
  rollback(options?: RollbackImagesOptions): Promise<BuiltImages>;
  /**
   * Removes the images that nothing needs any more, here and in the image repository: no release that any environment
   * remembers, no instance, no tag that somebody gave, and not among the newest 10 of a service. Throws
   * `ORCHESTRATOR_LOCKED`, `ORCHESTRATOR_INTERRUPTED`.
   */
  prune(options: PruneOptions): Promise<PrunedImages>;
  /** Judges known vulnerabilities by the environment's policy. Throws `IMAGE_STORE_SCAN_REFUSED`. */
  scan(options?: ServiceImagesOptions): Promise<readonly ScannedImage[]>;
  /** Writes a release and its images to a file; the newest release by default. */
  save(options: SaveOptions): Promise<SavedImages>;
  /** Puts the images of a saved release where this environment keeps its own, every digest checked first. */
  load(options: LoadOptions): Promise<SavedImages>;
  /** Copies the images of a release to another image repository, digests unchanged. */
  mirror(options: MirrorOptions): Promise<MirroredImages>;
}

interface ImagesOptions {
  readonly onEvent?: Observer<ImageEvent | ScanEvent> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceImagesOptions extends ImagesOptions {
  /** Names of services; all by default. */
  readonly services?: readonly string[] | undefined;
  /** The git ref whose files count; the working tree by default. */
  readonly ref?: string | undefined;
}

export interface BuildImagesOptions extends ServiceImagesOptions {
  readonly push?: boolean | undefined;
}

export interface RollbackImagesOptions extends ImagesOptions {
  readonly services?: readonly string[] | undefined;
  /** The id of the release to return to; the one before the newest by default. */
  readonly to?: string | undefined;
}

export interface TagOptions {
  readonly service: string;
  /** A tag it has, or its digest. */
  readonly image: string;
  readonly tag: string;
  readonly signal?: AbortSignal | undefined;
}

export interface PruneOptions {
  /** Only says what would be removed. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface SaveOptions extends ImagesOptions {
  /** A release of the history; the newest whose images are all there by default. */
  readonly release?: string | undefined;
  /** A file that must not exist yet: an OCI layout as a tar archive. */
  readonly file: string;
}

export interface LoadOptions extends ImagesOptions {
  readonly file: string;
}

export interface MirrorOptions extends ImagesOptions {
  readonly release?: string | undefined;
  /** `https://registry.example.com/team` */
  readonly to: string;
}

export interface ServiceImage {
  readonly service: string;
  readonly repository: string;
  /** `<environment>-<short sha>` */
  readonly tag: string;
  readonly digest: string;
  readonly revision: string;
  /** Whether it was made just now; false where an image of the same input was there. */
  readonly built: boolean;
}

export interface BuiltImages {
  /** The id under which the images are remembered; null where they were only built. */
  readonly release: string | null;
  readonly services: readonly ServiceImage[];
}

/** `folder`: of an embedded environment. `engine`: of the machine. `repository`: the image repository. */
export type ImagePlace = 'folder' | 'engine' | 'repository';

export interface PlacedImage extends StoredImage {
  readonly place: ImagePlace;
}

export interface PrunedImages {
  /** The oldest first. */
  readonly remove: readonly PlacedImage[];
  readonly keep: readonly (Omit<KeptImage, 'image'> & { readonly image: PlacedImage })[];
  /** What was removed; nothing by a dry run. */
  readonly removed: readonly PlacedImage[];
  /** Bytes of the layers of what is removed; less becomes free where others share them. */
  readonly freedBytes: number;
}

export interface ScannedImage {
  readonly service: string;
  readonly digest: string;
  readonly report: ScanReport;
  /** Findings that would be refused, with what lets them pass. */
  readonly allowed: readonly AllowedFinding[];
}

export interface SavedImages {
  readonly release: string;
  readonly file: string;
  readonly images: readonly { readonly repository: string; readonly tag: string; readonly digest: string }[];
  readonly sizeBytes: number;
}

export interface MirroredImages {
  readonly release: string;
  readonly to: string;
  readonly images: readonly { readonly repository: string; readonly tag: string; readonly digest: string }[];
}
