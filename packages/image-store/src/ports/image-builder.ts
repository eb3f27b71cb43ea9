import type { Observer } from '@maestro/core';

import type { ImageEvent } from '../events.ts';
import type { Cancellable } from './image-store.ts';

/** One image to build, with everything that it depends on decided. */
export interface BuildRequest {
  /** Who it is for, in events and errors: the service, or the shared base image. */
  readonly service: string;
  /** `<project>-<service>` */
  readonly repository: string;
  /** The tags it gets in the engine, the first one for people. */
  readonly tags: readonly string[];
  /** The build context as an uncompressed tar archive, with the Dockerfile in it; read once. */
  readonly context: AsyncIterable<Uint8Array>;
  /** The Dockerfile's path in the context. */
  readonly dockerfile: string;
  /** The stage to build; the last one by default. */
  readonly target?: string | undefined;
  /** Build arguments; nothing secret, they stay in the image's history. */
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `linux/amd64`, several separated by commas; the engine's own by default. */
  readonly platform?: string | undefined;
  /** The shared base images that its Dockerfile names: `<repository>:<tag>`, tags that were built before. */
  readonly bases?: readonly string[] | undefined;
}

export interface BuiltImage {
  /** Digest of its configuration: what the engine calls its id. */
  readonly imageId: string;
  /** Digest of its manifest, where the build has sent it to an image repository already. */
  readonly digest?: string | undefined;
  /** 0 where the builder does not say. */
  readonly sizeBytes: number;
}

export interface BuildOptions extends Cancellable {
  readonly onEvent?: Observer<ImageEvent> | undefined;
}

/**
 * Builds images of Dockerfiles. One contract suite holds for every adapter: `@maestro/image-store/testing`.
 * Both methods throw `IMAGE_STORE_ENGINE_UNREACHABLE`, `IMAGE_STORE_ENGINE_FAILED`, `IMAGE_STORE_UNSUPPORTED_BUILD`.
 */
export interface ImageBuilder {
  /**
   * The identity of an image that a Dockerfile starts from, fetched where it is missing: its digest in the repository
   * it came from, else that of its configuration. Throws `IMAGE_STORE_PULL_FAILED`.
   */
  resolveBase(
    base: { readonly reference: string; readonly platform?: string | undefined },
    options?: BuildOptions,
  ): Promise<string>;
  /** Throws `IMAGE_STORE_BUILD_FAILED`, with the last lines of the build's output. */
  build(request: BuildRequest, options?: BuildOptions): Promise<BuiltImage>;
}
