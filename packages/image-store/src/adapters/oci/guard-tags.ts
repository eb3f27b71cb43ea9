import { ImageStoreError } from '../../errors.ts';
import { isDigest } from '../../image/names.ts';

/**
 * A registry lists tags only, and its garbage collection may take what has none. So each image has a tag of its own that
 * is made of its digest, is never moved and is shown to nobody.
 */
const prefix = 'maestro-keep-';

export function guardTag(digest: string): string {
  return `${prefix}${digest.slice('sha256:'.length)}`;
}

/** The digest that a tag guards; undefined for every other tag. */
export function guardedDigest(tag: string): string | undefined {
  const digest = `sha256:${tag.slice(prefix.length)}`;
  return tag.startsWith(prefix) && isDigest(digest) ? digest : undefined;
}

/** Throws `IMAGE_STORE_INVALID_NAME`. */
export function checkNoGuard(tag: string): void {
  if (guardedDigest(tag) === undefined) return;
  throw new ImageStoreError('IMAGE_STORE_INVALID_NAME', `"${tag}" cannot be given to an image: it guards one`, {
    hint: 'choose another tag',
    details: { tag },
  });
}
