/** A file of an archive; its contents must have just this size. */
export interface ArchivedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const blockBytes = 512;
const mostOctal = 0o77777777777;

/**
 * A tar archive of plain files that depends on them alone, made as it is read: nothing is kept, and whoever stops
 * reading ends it.
 */
export async function* tarArchive(
  files: AsyncIterable<ArchivedFile> | Iterable<ArchivedFile>,
): AsyncGenerator<Uint8Array, void> {
  for await (const { name, sizeBytes, chunks } of files) {
    yield header(name, sizeBytes);
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      yield chunk;
    }
    if (bytes !== sizeBytes) throw new RangeError(`expected ${sizeBytes} bytes of ${name}, there were ${bytes}`);
    const rest = bytes % blockBytes;
    if (rest > 0) yield Buffer.alloc(blockBytes - rest);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format". */
function header(name: string, sizeBytes: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`expected a name of at most 100 bytes: ${name}`);
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  writeSize(block, sizeBytes);
  block.write('00000000000\0', 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/** What octal digits cannot say is in binary, as GNU and others read it. */
function writeSize(block: Buffer, sizeBytes: number): void {
  if (sizeBytes <= mostOctal) {
    block.write(`${octal(sizeBytes, 11)}\0`, 124);
  } else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
