import { ImageStoreError } from '../errors.ts';
import { checkTag, isDigest } from './names.ts';
import { taggedRelease } from './release-tags.ts';

/**
 * Registries and engines collect what has no tag. So each image has a tag of its own that is made of its digest, is
 * never moved and is shown to nobody.
 */
const guardPrefix = 'maestro-keep-';
/** What an image was made of, so that one look-up tells whether it must be made again. */
const inputPrefix = 'maestro-input-';

export function guardTag(digest: string): string {
  return tagOf(guardPrefix, digest);
}

/** The digest that a tag guards; undefined for every other tag. */
export function guardedDigest(tag: string): string | undefined {
  return digestIn(guardPrefix, tag);
}

/** The tag of the image that was made of this input, `sha256:…`. */
export function inputTag(inputHash: string): string {
  return tagOf(inputPrefix, inputHash);
}

/** Whether a tag names the image of some input. */
export function isInputTag(tag: string): boolean {
  return digestIn(inputPrefix, tag) !== undefined;
}

/** Whether a tag is of this package's own making, for nobody to see or to give. */
export function isReserved(tag: string): boolean {
  if (taggedRelease(tag) !== undefined) return true;
  return guardedDigest(tag) !== undefined || isInputTag(tag);
}

/** Whether somebody may give an image this tag. Throws `IMAGE_STORE_INVALID_NAME`. */
export function checkGivenTag(tag: string): void {
  checkTag(tag);
  if (!isReserved(tag)) return;
  throw new ImageStoreError(
    'IMAGE_STORE_INVALID_NAME',
    `"${tag}" cannot be given to an image: it is kept for Maestro`,
    {
      hint: 'choose another tag',
      details: { tag },
    },
  );
}

function tagOf(prefix: string, digest: string): string {
  return `${prefix}${digest.slice('sha256:'.length)}`;
}

function digestIn(prefix: string, tag: string): string | undefined {
  const digest = `sha256:${tag.slice(prefix.length)}`;
  return tag.startsWith(prefix) && isDigest(digest) ? digest : undefined;
}
