// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, and what GNU tar does otherwise.

export const blockBytes = 512;

export interface ArchiveHeader {
  readonly name: string;
  readonly sizeBytes: number;
  /** `file`, or the letter of another type; `x` describes the file that follows. */
  readonly type: string;
}

/** Reads a block: `end` is that of the archive, `none` is no header. */
export function readHeader(block: Buffer): ArchiveHeader | 'end' | 'none' {
  if (block.byteLength < blockBytes) return 'none';
  if (block.every((byte) => byte === 0)) return 'end';
  if (Number.parseInt(text(block, 148, 8), 8) !== sumOf(block)) return 'none';
  const sizeBytes = sizeIn(block);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return 'none';
  // GNU has other things there.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const flag = text(block, 156, 1);
  const type = flag === '' || flag === '0' ? 'file' : flag;
  return { name: prefix === '' ? name : `${prefix}/${name}`, sizeBytes, type };
}

/** What is said of the file that follows, by keyword: `path`, `size`. */
export function paxRecords(contents: Buffer): Readonly<Record<string, string>> {
  const records: Record<string, string> = {};
  for (let at = 0; at < contents.byteLength;) {
    const line = /^(?<length>\d+) (?<keyword>[^=]+)=/.exec(contents.toString('utf8', at, at + 200))?.groups;
    const length = Number(line?.length ?? 0);
    if (line?.keyword === undefined || length === 0) return records;
    const start = at + Buffer.byteLength(`${line.length ?? ''} ${line.keyword}=`);
    records[line.keyword] = contents.toString('utf8', start, at + length - 1);
    at += length;
  }
  return records;
}

/** Files take whole blocks. */
export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

function sizeIn(block: Buffer): number {
  if ((block.readUInt8(124) & 0x80) !== 0) return Number(block.readBigUInt64BE(128));
  return Number.parseInt(text(block, 124, 12) || '0', 8);
}

/** The sum of all bytes, its own counted as spaces. */
function sumOf(block: Buffer): number {
  const own = block.subarray(148, 156).reduce((sum, byte) => sum + byte, 0);
  return block.reduce((sum, byte) => sum + byte, 0) - own + 8 * 0x20;
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.toString('utf8', start, start + length);
  const end = field.indexOf('\0');
  return (end === -1 ? field : field.slice(0, end)).trim();
}
