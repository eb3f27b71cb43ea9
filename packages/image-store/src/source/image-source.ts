/** One file of an image's source. */
export interface SourceFile {
  /** Relative to the service's folder, with `/` between its parts. */
  readonly path: string;
  /** What git keeps of a mode: an ordinary file, an executable one, or a symbolic link. */
  readonly mode: 0o644 | 0o755 | 'symlink';
  /** The bytes of the file; of a symbolic link, its target. */
  readonly contents: Uint8Array;
}

/** The files of a service's folder at one moment. */
export interface ImageSource {
  /** The whole name of the commit. */
  readonly revision: string;
  /** Its first seven digits, the same in every clone; git's own abbreviation depends on what else a clone holds. */
  readonly shortRevision: string;
  /** Whether the files are not those of the commit, but those of a working tree on top of it. */
  readonly dirty: boolean;
  /** When the commit was made, ISO 8601 in UTC. */
  readonly committedAt: string;
  /** Sorted by the bytes of their paths. */
  readonly files: readonly SourceFile[];
}

/** The order of git and of image layers: by bytes, the same in every language. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
