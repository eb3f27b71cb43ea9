import type { StoredImage } from '@maestro/orchestrator';

/** An image as results in JSON show it. */
export function describeImage({ repository, digest, tags, revision, createdAt, sizeBytes }: StoredImage) {
  return { repository, digest, tags, revision, createdAt, sizeBytes };
}
