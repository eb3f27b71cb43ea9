import { StringDecoder } from 'node:string_decoder';

/** The values of a stream that holds one JSON value a line, wherever its chunks are cut. */
export async function* readNdjson(chunks: AsyncIterable<Buffer | string>): AsyncGenerator {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter(isNotBlank).map(parse);
  }
  yield* [rest + decoder.end()].filter(isNotBlank).map(parse);
}

function isNotBlank(line: string): boolean {
  return line.trim() !== '';
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`expected a line of JSON, got ${JSON.stringify(line.slice(0, 200))}`);
  }
}
