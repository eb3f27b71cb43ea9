import { latestTag } from '../image/names.ts';
import type { StoredImage } from '../ports/image-store.ts';

/** How many images of a repository stay whatever they are used for: one may have been built for a release to come. */
const keptImages = 10;

/** Something that needs an image, whichever repository it is kept in. */
export interface ImageReference {
  readonly digest: string;
  /** Who needs it, for people: `release 01J… of production`. */
  readonly by: string;
}

export interface PruneQuery {
  /** All images of the repositories that are pruned. */
  readonly images: readonly StoredImage[];
  /** Of every environment's history, of what runs, of pins. */
  readonly references: readonly ImageReference[];
  /** How many of a repository's newest stay; 10 by default. */
  readonly newest?: number | undefined;
}

export interface KeptImage {
  readonly image: StoredImage;
  readonly because: string;
}

export interface PrunePlan {
  /** The oldest first. */
  readonly remove: readonly StoredImage[];
  readonly keep: readonly KeptImage[];
  /** Bytes of the layers of what is removed; less becomes free where others share them. */
  readonly freedBytes: number;
}

/**
 * Which images may go: those that nothing refers to, that carry no tag which somebody gave them, and that are not among
 * the `newest` of their repository. Computed without side effects.
 */
export function planPrune({ images, references, newest: kept = keptImages }: PruneQuery): PrunePlan {
  const neededBy = new Map(references.map(({ digest, by }) => [digest, by]));
  const newest = new Set(repositoriesOf(images).flatMap((repository) => newestOf(images, repository, kept)));
  const judged = images.map((image) => {
    const because =
      neededBy.get(image.digest) ?? givenTag(image) ?? (newest.has(image) ? `among the newest ${kept}` : null);
    return { image, because };
  });
  const remove = judged
    .filter(({ because }) => because === null)
    .map(({ image }) => image)
    .sort(oldestFirst);
  const keep = judged.flatMap(({ image, because }) => (because === null ? [] : [{ image, because }]));
  return { remove, keep, freedBytes: remove.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

/** A tag such as `stable`: not the newest image's, and not one that every image gets, `<environment>-<short sha>`. */
function givenTag({ tags }: StoredImage): string | null {
  const given = tags.find((tag) => tag !== latestTag && !/-[0-9a-f]{7,}(-dirty-[0-9a-f]{8})?$/.test(tag));
  return given === undefined ? null : `tag ${given}`;
}

function repositoriesOf(images: readonly StoredImage[]): readonly string[] {
  return [...new Set(images.map(({ repository }) => repository))];
}

function newestOf(images: readonly StoredImage[], repository: string, kept: number): readonly StoredImage[] {
  const own = images.filter((image) => image.repository === repository);
  const latest = own.filter(({ tags }) => tags.includes(latestTag));
  return [...latest, ...own.sort(oldestFirst).reverse().slice(0, kept)];
}

/** Images of one commit in the order of their digests: any order that is always the same. */
function oldestFirst(a: StoredImage, b: StoredImage): number {
  return compare(a.createdAt, b.createdAt) || compare(a.digest, b.digest);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
