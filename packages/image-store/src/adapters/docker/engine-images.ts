import { z } from 'zod';

import { guardTag } from '../../image/guard-tags.ts';
import { isDigest } from '../../image/names.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFault } from './engine-fault.ts';
import { ImageInRepository, type InspectedImage, inspectSchema, summariesSchema } from './engine-image.ts';
import type { EngineNames } from './engine-names.ts';
import { engineFailed, imageInUse } from './errors.ts';

interface InRepository extends Cancellable {
  /** As users call it. */
  readonly repository: string;
}

const containersSchema = z.array(z.object({ Id: z.string(), ImageID: z.string(), Names: z.array(z.string()) }));

/** The images of repositories in one engine, and their names. Throws `IMAGE_STORE_ENGINE_FAILED`. */
export class EngineImages {
  readonly names: EngineNames;
  readonly #client: EngineClient;

  constructor(client: EngineClient, names: EngineNames) {
    this.#client = client;
    this.names = names;
  }

  /** Any image, by any name the engine has for it. */
  inspect(reference: string, { signal }: Cancellable = {}): Promise<InspectedImage | undefined> {
    const request = { method: 'GET', path: `/images/${reference}/json` } as const;
    return this.#done(`look at ${reference}`, this.#client.find(request, inspectSchema, { signal }));
  }

  /** The image that a tag or digest stands for. */
  async find({ reference, ...options }: InRepository & { readonly reference: string }) {
    if (!isDigest(reference)) return this.#at(`:${reference}`, options);
    return (
      (await this.#at(`:${guardTag(reference)}`, options)) ??
      (await this.#at(`@${reference}`, options)) ??
      (await this.#byId(reference, options))
    );
  }

  async list({ repository, signal }: InRepository): Promise<readonly ImageInRepository[]> {
    const name = this.names.of(repository);
    const query = { filters: { reference: [name] } };
    const listing = this.#client.ask({ method: 'GET', path: '/images/json', query }, summariesSchema, { signal });
    const images = await this.#done(`list the images of ${name}`, listing);
    return images.map((image) => new ImageInRepository(image, { repository, name })).filter(({ isHere }) => isHere);
  }

  /** Moves a tag; an image that loses it stays, guarded. */
  async tag(image: { readonly id: string }, { tag, ...options }: InRepository & { readonly tag: string }) {
    const holder = await this.#at(`:${tag}`, options);
    if (holder?.id === image.id) return;
    if (holder !== undefined) await this.guard(holder, options);
    await this.#name(image, { tag, ...options });
  }

  /** So that it is not collected when its last tag goes. */
  async guard(image: ImageInRepository, options: InRepository, digest = image.identities[0]): Promise<void> {
    if (!image.isGuarded(digest)) await this.#name(image, { ...options, tag: guardTag(digest) });
    // From now on it is known by this digest, and its own id is none of its identities.
    if (digest !== image.id && image.isGuarded(image.id)) {
      await this.#unname(`${this.names.of(options.repository)}:${guardTag(image.id)}`, options);
    }
  }

  /** The guard goes last: a removal that is cut off leaves an image that is still one. */
  async remove(image: ImageInRepository, digest: string, options: InRepository): Promise<void> {
    const name = this.names.of(options.repository);
    const only = image.identities.every((identity) => identity === digest);
    if (only) {
      await this.#checkUnused(image, digest, options);
      const tags = image.tags.filter((tag) => tag !== guardTag(digest)).map((tag) => `${name}:${tag}`);
      for (const reference of [...image.aliases, ...tags]) await this.#unname(reference, options);
    }
    for (const reference of [`${name}@${digest}`, `${name}:${guardTag(digest)}`]) {
      await this.#unname(reference, options);
    }
  }

  async #at(ending: string, { repository, signal }: InRepository): Promise<ImageInRepository | undefined> {
    const name = this.names.of(repository);
    const image = await this.inspect(`${name}${ending}`, { signal });
    return image && new ImageInRepository(image, { repository, name });
  }

  async #byId(id: string, { repository, signal }: InRepository): Promise<ImageInRepository | undefined> {
    const found = await this.inspect(id, { signal });
    const image = found && new ImageInRepository(found, { repository, name: this.names.of(repository) });
    return image?.isHere === true && image.identities.includes(id) ? image : undefined;
  }

  async #name({ id }: { readonly id: string }, { repository, signal, tag }: InRepository & { readonly tag: string }) {
    const repo = this.names.of(repository);
    const request = { method: 'POST', path: `/images/${id}/tag`, query: { repo, tag } } as const;
    await this.#done(`tag ${id} as ${repo}:${tag}`, this.#client.send(request, { signal }));
  }

  async #unname(reference: string, { signal }: Cancellable): Promise<void> {
    const removing = this.#client.send({ method: 'DELETE', path: `/images/${reference}` }, { signal });
    await this.#done(
      `remove ${reference}`,
      removing.catch((error: unknown) => {
        if (!(error instanceof EngineFault) || error.status !== 404) throw error;
      }),
    );
  }

  /** The engine would refuse too, but only when all other names are gone. */
  async #checkUnused(image: ImageInRepository, digest: string, { repository, signal }: InRepository): Promise<void> {
    if (image.isShared) return;
    const request = { method: 'GET', path: '/containers/json', query: { all: 'true' } } as const;
    const asking = this.#client.ask(request, containersSchema, { signal });
    const containers = await this.#done('list the containers', asking);
    const users = containers.filter(({ ImageID }) => ImageID === image.id);
    if (users.length === 0) return;
    throw imageInUse(
      repository,
      digest,
      users.map(({ Id, Names: [name = Id] }) => name.replace(/^\//, '')),
    );
  }

  async #done<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw engineFailed({ address: this.#client.address, what }, error);
    }
  }
}
