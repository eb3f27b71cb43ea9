/** What an archive holds; everything in it is of the same owner and without a date. */
export type TarEntry =
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: 'folder'; readonly path: string; readonly mode: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

// Of https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06, the ustar format.
const block = 512;
const pathBytes = 100;
const flags = { file: '0', link: '2', folder: '5' } as const;

/** Packs entries in their order; what unpacks it does so one after the other. Paths have at most 100 bytes. */
export function packTar(entries: readonly TarEntry[], owner: Owner): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.type === 'file' ? entry.content : new Uint8Array();
    return [headerOf(entry, content.byteLength, owner), content, Buffer.alloc(padding(content.byteLength))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}

/** The files of an archive by path; undefined where it is cut off or no archive. */
export function unpackTar(archive: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + block <= archive.byteLength;) {
    const header = Buffer.from(archive.buffer, archive.byteOffset + at, block);
    if (header.every((byte) => byte === 0)) return files;
    if (checksum(header) !== octal(header, 148, 8)) return undefined;
    const size = octal(header, 124, 12);
    const start = at + block;
    if (start + size > archive.byteLength) return undefined;
    const flag = header[156];
    if (flag === 0 || flag === flags.file.charCodeAt(0))
      files.set(pathOf(header), archive.subarray(start, start + size));
    at = start + size + padding(size);
  }
  return undefined;
}

function headerOf(entry: TarEntry, size: number, { uid, gid }: Owner): Buffer {
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  if (Buffer.byteLength(path) > pathBytes) throw new RangeError(`${path} has more than ${pathBytes} bytes`);
  const header = Buffer.alloc(block);
  header.write(path, 0);
  writeOctal(header, entry.type === 'link' ? 0o777 : entry.mode, 100, 8);
  writeOctal(header, uid, 108, 8);
  writeOctal(header, gid, 116, 8);
  writeOctal(header, size, 124, 12);
  writeOctal(header, 0, 136, 12);
  header.write(flags[entry.type], 156);
  if (entry.type === 'link') header.write(entry.target, 157, pathBytes);
  header.write('ustar\x0000', 257, 'latin1');
  writeOctal(header, checksum(header), 148, 8);
  return header;
}

/** The sum of a header's bytes, those of the sum itself counted as blanks. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Numbers too large for their field, which tar has another notation for, do not occur in archives of secrets. */
function writeOctal(header: Buffer, value: number, at: number, length: number): void {
  const digits = value.toString(8).padStart(length - 1, '0');
  if (digits.length > length - 1) throw new RangeError(`${value} is too large for an archive`);
  header.write(digits, at, 'latin1');
}

function octal(header: Buffer, at: number, length: number): number {
  return Number.parseInt(textAt(header, at, length).trim() || '0', 8);
}

function pathOf(header: Buffer): string {
  const prefix = textAt(header, 345, 155);
  const path = textAt(header, 0, pathBytes);
  return prefix === '' ? path : `${prefix}/${path}`;
}

function textAt(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}
