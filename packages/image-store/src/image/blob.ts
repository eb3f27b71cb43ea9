import { createHash } from 'node:crypto';

/** Bytes with their identity. */
export interface ImageBlob {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly contents: Uint8Array;
}

/** What an OCI document says of a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export function blobOf(mediaType: string, contents: Uint8Array): ImageBlob {
  return { mediaType, digest: digestOf(contents), contents };
}

export function digestOf(contents: Uint8Array): string {
  return `sha256:${createHash('sha256').update(contents).digest('hex')}`;
}

export function describe({ mediaType, digest, contents }: ImageBlob): Descriptor {
  return { mediaType, digest, size: contents.byteLength };
}
