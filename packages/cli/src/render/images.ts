/** The first 12 hexadecimal digits of a digest, enough to tell images apart. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}

/** An image without the host and folders of its repository, which are the same for all services. */
export function shortImage(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

/** The first 12 digits of a commit, and whether the files were those of the commit. */
export function shortRevision(revision: string): string {
  return revision.replace(/^([\da-f]{12})[\da-f]+/, '$1');
}
