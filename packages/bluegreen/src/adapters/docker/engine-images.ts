import type { ImageFacts } from './container-spec.ts';
import { inspectedImage } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import { engineFailed, imageMissing } from './errors.ts';

/** Which image an instance is made from. */
export interface WantedImage {
  readonly service: string;
  /** `<repository>:<tag>`, for people. */
  readonly image: string;
  readonly digest: string;
}

/** Makes an image available in the engine and returns what it is called there. */
export type FetchImage = (
  image: WantedImage,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<string>;

export interface EngineImagesOptions {
  readonly client: EngineClient;
  readonly fetchImage: FetchImage | undefined;
}

/** The images that containers are made from, by their digests: a tag may have moved meanwhile. */
export class EngineImages {
  readonly #client: EngineClient;
  readonly #fetch: FetchImage | undefined;

  constructor({ client, fetchImage }: EngineImagesOptions) {
    this.#client = client;
    this.#fetch = fetchImage;
  }

  /** Throws `BLUEGREEN_START_FAILED`; `name` is the instance's. */
  async resolve(
    wanted: WantedImage,
    { name, signal }: { readonly name: string; readonly signal?: AbortSignal | undefined },
  ): Promise<ImageFacts> {
    const names = this.#fetch === undefined ? namesOf(wanted) : [await this.#fetch(wanted, { signal })];
    for (const reference of names) {
      const found = await this.#inspect(reference, signal);
      if (found === undefined) continue;
      return { reference, command: [...(found.Config?.Entrypoint ?? []), ...(found.Config?.Cmd ?? [])] };
    }
    throw imageMissing(this.#client.address, name, `${repositoryOf(wanted.image)}@${wanted.digest}`);
  }

  async #inspect(reference: string, signal: AbortSignal | undefined) {
    const request = { method: 'GET', path: `/images/${reference}/json`, signal } as const;
    return await this.#client.find(request, inspectedImage).catch((error: unknown) => {
      throw engineFailed(this.#client.address, `look for the image ${reference}`, error);
    });
  }
}

/**
 * What the engine may call it: by a tag that is made of the digest, which keeps the image from being pruned; as it was pulled; by
 * its own id, where it was never pushed.
 */
function namesOf({ image, digest }: WantedImage): readonly string[] {
  const repository = repositoryOf(image);
  return [`${repository}:maestro-keep-${digest.slice(digest.indexOf(':') + 1)}`, `${repository}@${digest}`, digest];
}

/** The port of a registry has a colon before it, too. */
function repositoryOf(image: string): string {
  return image.replace(/:[^:/]*$/, '');
}
