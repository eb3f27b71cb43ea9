/** The files of an OCI layout, in a folder or in a tar archive of one. Paths have slashes. */
export interface LayoutFiles {
  /** What messages call a file. */
  place(path: string): string;
  /** Undefined where there is no such file. */
  sizeBytes(path: string): Promise<number | undefined>;
  /** Of a file that is there. */
  chunks(path: string): AsyncIterable<Uint8Array>;
}
