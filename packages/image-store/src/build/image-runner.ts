import { createEmitter, silentLogger, systemClock } from '@maestro/core';

import { ImageStoreError } from '../errors.ts';
import type { BuildRequest } from '../ports/image-builder.ts';
import type { StoredImage } from '../ports/image-store.ts';
import { describeCommit, originUrl } from '../source/git-origin.ts';
import type { GitSnapshot } from '../source/git-snapshot.ts';
import type { BuildImagesOptions, ServiceImage } from './build-images.ts';
import { labelsOf, namesOf } from './build-names.ts';
import { platformsOf } from './image-recipe.ts';
import { packContext } from './pack-context.ts';
import type { PlannedImage } from './plan-builds.ts';

/** What is done about one planned image. */
export interface ImageRunner {
  /** The stored image of the same input, where it may be used. */
  find(image: PlannedImage, signal: AbortSignal): Promise<StoredImage | undefined>;
  /** Reports that a stored image is used. */
  unchanged(image: PlannedImage, stored: StoredImage): ServiceImage;
  build(image: PlannedImage, signal: AbortSignal): Promise<ServiceImage>;
}

export function imageRunner(options: BuildImagesOptions): ImageRunner {
  const { environment, builder, onEvent, clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter({ onEvent, clock, logger });
  const originOf = origins(options);
  return {
    async find({ name, repository, inputHash, shared, dirty }, signal) {
      const stored = await naming(name, () => options.find({ repository, inputHash, inEngine: shared }, { signal }));
      // What a clean commit is made of must not be said to come from a working tree.
      return stored !== undefined && !dirty && stored.revision.endsWith('-dirty') ? undefined : stored;
    },

    unchanged(image, { digest, revision }) {
      const { name, repository, inputHash } = image;
      emit({ type: 'image-unchanged', service: name, repository, digest });
      const [tag] = namesOf({ environment, snapshot: image.read.snapshot, ...image }).tags;
      return { service: name, repository, tag, inputHash, revision, built: false, digest };
    },

    async build(image, signal) {
      const { name, repository, inputHash } = image;
      const { tags, revision } = namesOf({ environment, snapshot: image.read.snapshot, ...image });
      const start = clock.monotonic();
      emit({ type: 'image-build-started', service: name, repository, inputHash });
      const { imageId, digest } = await naming(name, async () => {
        const labels = labelsOf({
          labels: image.recipe.labels ?? {},
          repository,
          inputHash,
          revision,
          committedAt: image.read.snapshot.committedAt,
          ...(await originOf(image)),
        });
        const context = packedContext(image, { clock, signal });
        return builder.build(requestOf(image, { tags, labels, ...context }), { signal, onEvent });
      });
      const durationMs = clock.monotonic() - start;
      emit({ type: 'image-build-finished', service: name, repository, digest: digest ?? imageId, durationMs });
      return { service: name, repository, tag: tags[0], inputHash, revision, built: true, imageId, digest };
    },
  };
}

function requestOf(
  { name, repository, recipe, bases }: PlannedImage,
  rest: Pick<BuildRequest, 'tags' | 'labels' | 'context' | 'dockerfile'>,
): BuildRequest {
  const { target, args = {} } = recipe;
  return { service: name, repository, target, args, platform: platformsOf(recipe).join(), bases, ...rest };
}

/**
 * A Dockerfile stays where it lies in the context as long as it is built as it is written; one from elsewhere, and one
 * that names shared base images, gets a name of its own.
 */
function packedContext(
  { read, dockerfile }: PlannedImage,
  options: { readonly clock: NonNullable<BuildImagesOptions['clock']>; readonly signal: AbortSignal },
): Pick<BuildRequest, 'context' | 'dockerfile'> {
  const { files, snapshot } = read;
  const asWritten = dockerfile === read.dockerfile.text ? read.dockerfile.inContext : undefined;
  const path = asWritten ?? freeName(new Set(files.map((file) => file.path.split('/')[0] ?? '')));
  return {
    dockerfile: path,
    context: packContext({
      files,
      additions: asWritten === undefined ? [{ path, text: dockerfile }] : [],
      modifiedAt: snapshot.committedAt,
      root: snapshot.root,
      ...options,
    }),
  };
}

const reservedName = '.maestro.Dockerfile';

function freeName(taken: ReadonlySet<string>): string {
  let name = reservedName;
  for (let count = 2; taken.has(name); count += 1) name = `${reservedName}.${count}`;
  return name;
}

/** Version and source of a repository, asked for once and only where something is built. */
function origins({ version, sourceUrl }: BuildImagesOptions) {
  const known = new Map<string, Promise<{ readonly version: string; readonly sourceUrl: string | undefined }>>();
  const ask = async ({ git, revision }: GitSnapshot) => ({
    version: version ?? (await describeCommit(git, revision)),
    sourceUrl: sourceUrl ?? (await originUrl(git)),
  });
  return async ({ read: { snapshot }, dirty }: PlannedImage) => {
    const asked = known.get(snapshot.root) ?? ask(snapshot);
    known.set(snapshot.root, asked);
    const origin = await asked;
    return version === undefined && dirty ? { ...origin, version: `${origin.version}-dirty` } : origin;
  };
}

/** Says whose image could not be made. */
async function naming<T>(service: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageStoreError) || error.details?.service === service) throw error;
    const { code, message, hint, details, retryable } = error;
    throw new ImageStoreError(code, `${service}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { ...details, service },
      retryable,
      cause: error,
    });
  }
}
