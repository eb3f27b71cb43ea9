import type { Descriptor } from '../../image/blob.ts';
import { isDigest } from '../../image/names.ts';
import { annotation, type IndexEntry } from '../../image/oci.ts';

/** The entries of an index: one for each tag, and one without a tag for an image that has none. */
export type IndexEntries = readonly IndexEntry[];

/** Gives an image a tag; whichever image had it stays, without a tag if need be. */
export function withTag(entries: IndexEntries, image: Descriptor, tag: string): IndexEntries {
  const tagged = { mediaType: image.mediaType, digest: image.digest, size: image.size };
  const isReplaced = (entry: IndexEntry) =>
    tagOf(entry) === tag || (tagOf(entry) === undefined && entry.digest === image.digest);
  const others = entries.filter((entry) => !isReplaced(entry));
  const after = [...others, { ...tagged, annotations: { [annotation.refName]: tag } }];
  const loser = entries.find((entry) => tagOf(entry) === tag);
  if (loser === undefined || after.some(({ digest }) => digest === loser.digest)) return after;
  return [...after, { mediaType: loser.mediaType, digest: loser.digest, size: loser.size }];
}

export function withoutImage(entries: IndexEntries, digest: string): IndexEntries {
  return entries.filter((entry) => entry.digest !== digest);
}

/** The entry a tag or digest stands for. */
export function findEntry(entries: IndexEntries, reference: string): IndexEntry | undefined {
  return entries.find((entry) => (isDigest(reference) ? entry.digest : tagOf(entry)) === reference);
}

/** The tags of an image, sorted. */
export function tagsOf(entries: IndexEntries, digest: string): readonly string[] {
  return entries
    .filter((entry) => entry.digest === digest)
    .flatMap((entry) => tagOf(entry) ?? [])
    .sort();
}

function tagOf(entry: IndexEntry): string | undefined {
  return entry.annotations?.[annotation.refName];
}
