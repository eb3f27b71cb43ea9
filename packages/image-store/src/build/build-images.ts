import type { Clock, Logger, Observer } from '@maestro/core';

import type { ImageEvent } from '../events.ts';
import type { ImageBuilder } from '../ports/image-builder.ts';
import type { Cancellable, StoredImage } from '../ports/image-store.ts';
import { checkNames } from './build-names.ts';
import { runInOrder } from './build-order.ts';
import type { ImageRecipe } from './image-recipe.ts';
import { imageRunner } from './image-runner.ts';
import type { PlannedImage } from './plan-builds.ts';

/** Finds the image that was made of an input before, in the engine or in an image repository. */
export type FindImage = (
  query: {
    readonly repository: string;
    readonly inputHash: string;
    /**
     * Whether only an image counts that the builder's engine holds under the tag of its input, because others are
     * built from it.
     */
    readonly inEngine: boolean;
  },
  options: Cancellable,
) => Promise<StoredImage | undefined>;

export interface BuildImagesOptions extends Cancellable {
  readonly project: string;
  readonly environment: string;
  readonly services: readonly ImageRecipe[];
  /**
   * Base images that services share: what names `<project>-<name>`, with any tag or none, in FROM, COPY --from or
   * RUN --mount. Those that nothing needs are not built. None by default.
   */
  readonly bases?: readonly ImageRecipe[] | undefined;
  readonly builder: ImageBuilder;
  readonly find: FindImage;
  /** A commit, tag or branch; without it the working tree. */
  readonly ref?: string | undefined;
  /** Whether a working tree may be built that is not its commit. */
  readonly allowDirty: boolean;
  /** How many are built at once; 16 by default. */
  readonly concurrency?: number | undefined;
  /** For people; the commit's nearest tag, or its first digits, by default. */
  readonly version?: string | undefined;
  /** Where the sources are; by default where the repository was cloned from, without credentials. */
  readonly sourceUrl?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly onEvent?: Observer<ImageEvent> | undefined;
}

interface Identified {
  readonly service: string;
  /** `<project>-<service>` */
  readonly repository: string;
  /** The tag for people, of the commit that was asked for: `<environment>-<short sha>`. */
  readonly tag: string;
  readonly inputHash: string;
  /** The commit the image was made of, with `-dirty` where the working tree was not it. */
  readonly revision: string;
}

/** A service's image: built now, or found where it was stored before. */
export type ServiceImage = Identified &
  (
    | {
        readonly built: true;
        /** Digest of its configuration: what the engine calls its id. */
        readonly imageId: string;
        /** Digest of its manifest, where the builder has sent it to an image repository already. */
        readonly digest: string | undefined;
      }
    | {
        readonly built: false;
        /** Digest of its manifest. */
        readonly digest: string;
      }
  );

const defaultConcurrency = 16;

/**
 * Builds the images of services, and before them the base images they share; an image whose input is that of a stored
 * one is not built again. Services are built side by side, each as soon as what it needs is there. After a failure
 * no build begins, those under way are aborted and awaited, and the first error is thrown, with `details.service`.
 * Throws `IMAGE_STORE_DIRTY`, `IMAGE_STORE_DOCKERFILE_INVALID`, `IMAGE_STORE_BUILD_CYCLE`, `IMAGE_STORE_INVALID_NAME`,
 * what `readGitSource` throws and what the builder and `find` do.
 */
export async function buildImages(options: BuildImagesOptions): Promise<readonly ServiceImage[]> {
  const { project, environment, services, bases = [], builder, ref, allowDirty, signal } = options;
  const { concurrency = defaultConcurrency } = options;
  signal?.throwIfAborted();
  checkNames(project, environment, [...services, ...bases]);
  // With it comes the parser of Dockerfiles, which nobody needs who only looks at images.
  const { planBuilds } = await import('./plan-builds.ts');
  const planned = await planBuilds({ project, services, bases, builder, ref, allowDirty, concurrency, signal });

  const runner = imageRunner(options);
  const results = new Map<string, ServiceImage>();
  const wanted = planned.filter(({ shared }) => !shared).map((image) => ({ ...image, needs: [] }));
  await runInOrder(
    wanted,
    async (image, aborted) => {
      const stored = await runner.find(image, aborted);
      if (stored !== undefined) results.set(image.name, runner.unchanged(image, stored));
    },
    { concurrency, signal },
  );
  const missing = planned.filter(({ name, shared }) => !shared && !results.has(name));
  await runInOrder(
    withTheirBases(missing, planned),
    async (image, aborted) => {
      const stored = image.shared ? await runner.find(image, aborted) : undefined;
      if (stored !== undefined) runner.unchanged(image, stored);
      else results.set(image.name, await runner.build(image, aborted));
    },
    { concurrency, signal },
  );
  return services.flatMap(({ name }) => results.get(name) ?? []);
}

function withTheirBases(images: readonly PlannedImage[], planned: readonly PlannedImage[]): readonly PlannedImage[] {
  const all = new Set<PlannedImage>();
  const add = (image: PlannedImage) => {
    if (all.has(image)) return;
    all.add(image);
    for (const other of planned) if (other.shared && image.needs.includes(other.name)) add(other);
  };
  images.forEach(add);
  return [...all];
}
