import { type Clock, createEmitter, type Logger } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import type { ImageEvent } from '../../events.ts';
import { isReserved } from '../../image/guard-tags.ts';
import { checkTag } from '../../image/names.ts';
import type { BuildOptions, BuildRequest, BuiltImage, ImageBuilder } from '../../ports/image-builder.ts';
import { BuildOutput } from './build-output.ts';
import type { EngineClient } from './engine-client.ts';
import { brokenAnswer, EngineFault } from './engine-fault.ts';
import { ImageInRepository, type InspectedImage } from './engine-image.ts';
import type { EngineImages } from './engine-images.ts';
import { EngineNames } from './engine-names.ts';
import { buildFailed, engineFailed } from './errors.ts';
import type { ImageTransfers } from './image-transfers.ts';

export interface DockerImageBuilderParts {
  readonly client: EngineClient;
  readonly images: EngineImages;
  readonly transfers: ImageTransfers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a step compiles may say nothing for long. */
const silenceMs = 30 * 60_000;
// https://github.com/distribution/reference, without its limits
const referenceGrammar = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]*\w)*(?::\w[\w.-]*)?(?:@sha256:[0-9a-f]{64})?$/i;

/** Builds in an engine: by BuildKit where it has it, else by its classic builder. */
export class DockerImageBuilder implements ImageBuilder {
  readonly #parts: DockerImageBuilderParts;
  #isBuildKit: Promise<boolean> | undefined;

  constructor(parts: DockerImageBuilderParts) {
    this.#parts = parts;
  }

  async resolveBase(
    { reference, platform }: { readonly reference: string; readonly platform?: string | undefined },
    options: BuildOptions = {},
  ): Promise<string> {
    options.signal?.throwIfAborted();
    checkReference(reference);
    const { images, transfers } = this.#parts;
    const held = await images.inspect(reference, options);
    if (held !== undefined && (platform === undefined || held.platform === platform))
      return identityOf(reference, held);
    await transfers.pull({ reference, platform, repository: repositoryIn(reference) }, options);
    const pulled = await images.inspect(reference, options);
    if (pulled !== undefined) return identityOf(reference, pulled);
    throw transfers.failure('pull', reference, brokenAnswer('the engine does not hold what it says it has pulled'));
  }

  async build(request: BuildRequest, options: BuildOptions = {}): Promise<BuiltImage> {
    options.signal?.throwIfAborted();
    const { client } = this.#parts;
    const names = this.#namesFor(request);
    const output = new BuildOutput(this.#announcing(request, options));
    const query = { ...(await this.#builder(options)), ...queryOf(request), t: names };
    try {
      await client.follow(
        { method: 'POST', path: '/build', query, body: request.context },
        {
          silenceMs,
          signal: options.signal,
          onEvent: (event) => {
            output.take(event);
          },
        },
      );
      output.end();
      if (output.imageId === undefined) throw brokenAnswer('the engine did not say which image it has built');
    } catch (error) {
      output.end();
      throw buildFailed(request, client, output, error);
    }
    return this.#built(request, output, options);
  }

  /** Other builds may move the tags at once, so that the image is looked at by its id. */
  async #built(request: BuildRequest, output: BuildOutput, { signal }: BuildOptions): Promise<BuiltImage> {
    const { client, images } = this.#parts;
    const { imageId = '' } = output;
    const { repository } = request;
    const built = await images.inspect(imageId, { signal });
    if (built === undefined) {
      const fault = new EngineFault(`the engine does not hold ${imageId}, which it says to have built`);
      throw buildFailed(request, client, output, fault);
    }
    const name = images.names.of(repository);
    await images.guard(new ImageInRepository(built, { repository, name }), { repository, signal });
    return { imageId, sizeBytes: built.sizeBytes };
  }

  /** Dockerfiles start from the image of an input by a name that knows no image repository. */
  #namesFor({ repository, tags }: BuildRequest): readonly string[] {
    const name = this.#parts.images.names.of(repository);
    for (const tag of tags) checkTag(tag);
    const aliases = name === repository ? [] : tags.filter(isReserved).map((tag) => `${repository}:${tag}`);
    return [...tags.map((tag) => `${name}:${tag}`), ...aliases];
  }

  #announcing({ service }: BuildRequest, { onEvent }: BuildOptions) {
    const { clock, logger } = this.#parts;
    const emit = createEmitter<ImageEvent>({ onEvent, clock, logger });
    return (line: string) => {
      emit({ type: 'image-build-output', service, line });
    };
  }

  async #builder({ signal }: BuildOptions) {
    this.#isBuildKit ??= this.#findBuildKit();
    signal?.throwIfAborted();
    try {
      // The classic builder leaves containers where it is not told to take them away.
      return (await this.#isBuildKit) ? { version: '2' } : { rm: 'true', forcerm: 'true' };
    } catch (error) {
      this.#isBuildKit = undefined;
      throw error;
    }
  }

  /** All who build share the answer. Engines before 23 have it too, and do not say so unless it is their default. */
  async #findBuildKit(): Promise<boolean> {
    const { client } = this.#parts;
    try {
      const headers = await client.headers({ method: 'GET', path: '/_ping' });
      const [, minor = 0] = (headers['api-version'] ?? '').split('.').map(Number);
      return headers['builder-version'] === undefined
        ? headers.ostype !== 'windows' && minor >= 39
        : headers['builder-version'] === '2';
    } catch (error) {
      throw engineFailed({ address: client.address, what: 'ask which builder it has' }, error);
    }
  }
}

function queryOf({ dockerfile, target, args, labels, platform }: BuildRequest) {
  return {
    dockerfile,
    buildargs: args,
    labels,
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** One image may have a digest each in several repositories: what counts is the one it is asked for by. */
function identityOf(reference: string, { id, digests }: InspectedImage): string {
  const own = `${repositoryIn(reference)}@`;
  const sorted = digests.toSorted();
  const found = sorted.find((digest) => digest.startsWith(own)) ?? sorted[0];
  return found?.slice(found.indexOf('@') + 1) ?? id;
}

/** As the engine shows it: without tag, digest and what stands for its own hub. */
function repositoryIn(reference: string): string {
  const name = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  if (EngineNames.hostOf(reference) !== 'docker.io') return name;
  return name.replace(/^(?:index\.|registry-1\.)?docker\.io\//, '').replace(/^library\//, '');
}

function checkReference(reference: string): void {
  if (referenceGrammar.test(reference)) return;
  const message = `"${reference}" cannot be the name of an image: expected <repository>:<tag> or <repository>@<digest>`;
  throw new ImageStoreError('IMAGE_STORE_INVALID_NAME', message, {
    hint: 'correct the name that the Dockerfile starts from',
    details: { reference },
  });
}
