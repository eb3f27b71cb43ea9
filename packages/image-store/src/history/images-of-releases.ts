import type { ImageKey } from '../ports/image-store.ts';
import type { ReleasedImage, ReleaseRecord } from '../ports/release-history.ts';

export interface ReleaseImages {
  readonly release: ReleaseRecord;
  /** In the order of the release's services. */
  readonly images: readonly (ReleasedImage & {
    /** Whether it is still there; a release with one that is not can only be returned to where it still runs. */
    readonly stored: boolean;
  })[];
}

export interface ImagesOfReleasesOptions {
  readonly records: readonly ReleaseRecord[];
  /** All images of the services' repositories. */
  readonly stored: readonly Pick<ImageKey, 'digest'>[];
}

/** The images of each release, in the order of the records, and whether they are still stored. */
export function imagesOfReleases({ records, stored }: ImagesOfReleasesOptions): readonly ReleaseImages[] {
  const digests = new Set(stored.map(({ digest }) => digest));
  return records.map((release) => ({
    release,
    images: release.services.map((service) => ({ ...service, stored: digests.has(service.digest) })),
  }));
}
