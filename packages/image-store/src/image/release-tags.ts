import { isReleaseId } from '../history/release-record.ts';

/** A release, as tags name it. */
export interface TaggedRelease {
  readonly environment: string;
  readonly id: string;
}

const grammar = /^h-(?<environment>[a-zA-Z0-9_][a-zA-Z0-9._-]{0,62})-(?<id>.{26})$/;

/**
 * `h-<environment>-<ULID>`, 92 characters at most: the release's own tag where records are stored, and the tag of each
 * image that began to receive traffic with it. Nobody else gives or moves such a tag.
 */
export function releaseTag({ environment, id }: TaggedRelease): string {
  return `h-${environment}-${id}`;
}

/** Undefined for every other tag. */
export function taggedRelease(tag: string): TaggedRelease | undefined {
  const { environment, id } = grammar.exec(tag)?.groups ?? {};
  if (environment === undefined || id === undefined || !isReleaseId(id)) return undefined;
  return { environment, id };
}
