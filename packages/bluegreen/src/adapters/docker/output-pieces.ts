import type { PrintedLine } from './container-output.ts';

const headerBytes = 8;
const newline = 0x0a;
const space = 0x20;

/** A piece of what a container printed, and on which of its streams: 1 or 2. */
export interface OutputPiece {
  readonly stream: number;
  readonly content: Buffer;
}

/** Takes an answer apart while it comes: pieces with 8 bytes before each, the stream and the length. */
export async function* outputPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<OutputPiece> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    while (from + headerBytes <= rest.length) {
      const end = from + headerBytes + rest.readUInt32BE(from + 4);
      if (end > rest.length) break;
      yield { stream: rest.readUInt8(from), content: rest.subarray(from + headerBytes, end) };
      from = end;
    }
    rest = rest.subarray(from);
  }
}

/** The lines of an answer with timestamps, each when it is whole; what the engine cut into pieces is put together. */
export async function* outputLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<PrintedLine> {
  const unfinished = new Map<number, { readonly at: string; readonly parts: Buffer[] }>();
  for await (const { stream, content } of outputPieces(chunks)) {
    const end = content.indexOf(space);
    const line = unfinished.get(stream) ?? { at: content.toString('latin1', 0, end), parts: [] };
    line.parts.push(content.subarray(end + 1));
    if (content.at(-1) === newline) {
      unfinished.delete(stream);
      yield lineOf(line);
    } else {
      unfinished.set(stream, line);
    }
  }
  for (const line of unfinished.values()) yield lineOf(line);
}

function lineOf({ at, parts }: { readonly at: string; readonly parts: readonly Buffer[] }): PrintedLine {
  return {
    at,
    text: Buffer.concat(parts)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  };
}
