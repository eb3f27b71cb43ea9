import { type IndexEntry, mediaTypes } from './oci.ts';

// What https://github.com/opencontainers/image-spec/blob/main/image-layout.md says of the files of a layout.

/** The contents of `oci-layout`. */
export const layoutMark = '{"imageLayoutVersion":"1.0.0"}';

/** The contents of `index.json`. */
export function indexText(manifests: readonly IndexEntry[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

/** Where a blob is, with slashes. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
