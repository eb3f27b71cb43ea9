import type { Logger } from '@maestro/core';

import type { TaggedImage } from '../../history/rebuild-records.ts';
import { isHealthy } from '../../history/rollback-target.ts';
import { releaseTag, taggedRelease } from '../../image/release-tags.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { ReleasedImage, ReleaseRecord } from '../../ports/release-history.ts';
import { concurrently } from '../../concurrently.ts';
import type { ReleaseRepository } from './release-repository.ts';
import type { RegistryParts } from './repository.ts';
import { listTags } from './tag-list.ts';

/** The tags of releases on the images themselves. */
export class ReleasedImages {
  readonly #parts: RegistryParts;
  readonly #prefix: string;
  readonly #logger: Logger;

  constructor({ parts, servicePrefix, logger }: ReleaseRepository) {
    this.#parts = parts;
    this.#prefix = servicePrefix;
    this.#logger = logger;
  }

  /** Tags the images that received traffic with this release and did not with the one before. */
  async tag(options: Cancellable & { readonly record: ReleaseRecord; readonly previous: ReleaseRecord | undefined }) {
    const { record, previous, signal } = options;
    if (!isHealthy(record)) return;
    const before = new Map(previous?.services.map(({ name, digest }) => [name, digest]));
    const changed = record.services.filter(({ name, digest }) => before.get(name) !== digest);
    await concurrently(changed, (image) => this.#tag(image, { reference: releaseTag(record), signal }));
  }

  async tagged({
    environment,
    services,
    signal,
  }: Cancellable & { readonly environment: string; readonly services: readonly string[] }): Promise<
    readonly TaggedImage[]
  > {
    const listed = await concurrently(services, async (service) => {
      const tags = await listTags(this.#parts.client, { repository: this.#repository(service), signal });
      return tags.flatMap((tag) => {
        const release = taggedRelease(tag);
        return release?.environment === environment ? [{ service, tag, release: release.id }] : [];
      });
    });
    const found = await concurrently(listed.flat(), async ({ service, tag, release }) => {
      const place = { repository: this.#repository(service), reference: tag, signal };
      const digest = await this.#parts.manifests.digest(place);
      return digest === undefined ? undefined : { service, release, digest };
    });
    return found.filter((image) => image !== undefined);
  }

  async #tag({ name, digest }: ReleasedImage, { reference, signal }: Cancellable & { readonly reference: string }) {
    const place = { repository: this.#repository(name), signal };
    const manifest = await this.#parts.manifests.read({ ...place, reference: digest });
    if (manifest === undefined) {
      this.#logger.debug('the image of a release is not in its repository', { repository: place.repository, digest });
    } else if ((await this.#parts.manifests.digest({ ...place, reference })) !== digest) {
      await this.#parts.manifests.write(manifest, { ...place, reference });
    }
  }

  #repository(service: string): string {
    return `${this.#prefix}${service}`;
  }
}
