const headerBytes = 8;

/** A line that a container printed, and when; of two containers lines can so be put in order. */
export interface PrintedLine {
  /** RFC 3339 with nanoseconds; those of one machine sort as texts. */
  readonly at: string;
  readonly text: string;
}

/**
 * Reads an answer of the engine's logs with timestamps: pieces with 8 bytes before each, the stream and the length. The engine
 * cuts lines that are longer than 16 KiB into several pieces, each with its time.
 */
export function readOutput(answer: Buffer): readonly PrintedLine[] {
  const lines: { at: string; text: string }[] = [];
  const unfinished = new Map<number, { at: string; text: string }>();
  for (const { stream, content } of piecesOf(answer)) {
    const space = content.indexOf(' ');
    const text = content.slice(space + 1);
    const line = unfinished.get(stream) ?? { at: content.slice(0, space), text: '' };
    if (!unfinished.has(stream)) lines.push(line);
    line.text += text;
    if (text.endsWith('\n')) unfinished.delete(stream);
    else unfinished.set(stream, line);
  }
  return lines.map(({ at, text }) => ({ at, text: text.replace(/\r?\n$/, '') }));
}

/** The lines of output without times. */
export function linesOf(answer: Buffer): readonly string[] {
  const text = [...piecesOf(answer)].map(({ content }) => content).join('');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** The last lines of several containers, in the order in which they were printed. */
export function lastLines(outputs: readonly (readonly PrintedLine[])[], lines: number): readonly string[] {
  if (lines === 0) return [];
  return outputs
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(-lines)
    .map(({ text }) => text);
}

function* piecesOf(answer: Buffer): Generator<{ readonly stream: number; readonly content: string }> {
  for (let from = 0; from + headerBytes <= answer.length;) {
    const end = from + headerBytes + answer.readUInt32BE(from + 4);
    yield { stream: answer.readUInt8(from), content: answer.toString('utf8', from + headerBytes, end) };
    from = end;
  }
}
