import { type FileHandle, open } from 'node:fs/promises';

const defaultPartBytes = 1024 * 1024;
const newLine = 0x0a;

/** What of a file has been read: whole lines only. */
interface Extent {
  /** Where the file was found among those to read; a log only ever becomes an older one. */
  age: number;
  from: number;
  to: number;
  /** The line at `from`. */
  first: string | null;
}

export interface LineReader {
  readonly take: (line: string) => void;
  /** Whether lines before this one may matter. */
  readonly needsBefore: (line: string) => boolean;
}

/** Reads logs that grow and are renamed: each line once, and no further back than it is needed. */
export class LogReader {
  readonly #partBytes: number;
  /** By number of the file, which it keeps when it is renamed. */
  readonly #extents = new Map<number, Extent>();

  /** No line may be longer than `partBytes`, 1 MiB by default. */
  constructor({ partBytes = defaultPartBytes }: { readonly partBytes?: number | undefined } = {}) {
    this.#partBytes = partBytes;
  }

  /** Hands over what has not been read of these files, the newest of which comes first. */
  async read(files: readonly string[], reader: LineReader): Promise<void> {
    for (const [age, path] of files.entries()) {
      const file = await open(path, 'r').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      if (file === undefined) continue;
      await using _ = file;
      const { ino, size } = await file.stat();
      const known = this.#extents.get(ino);
      // Numbers of files that are gone are given to new ones.
      const same = known !== undefined && known.age <= age && known.to <= size;
      const extent = same ? known : { ...(await this.#end(file, size)), first: null, age };
      extent.age = age;
      this.#extents.set(ino, extent);
      await this.#readOn(file, { extent, size, reader });
      await this.#readBack(file, { extent, reader });
    }
  }

  /** Behind the last whole line. */
  async #end(file: FileHandle, size: number): Promise<Pick<Extent, 'from' | 'to'>> {
    const start = Math.max(0, size - this.#partBytes);
    const end = start + (await partOf(file, start, size)).lastIndexOf(newLine) + 1;
    return { from: end, to: end };
  }

  async #readOn(
    file: FileHandle,
    { extent, size, reader }: { readonly extent: Extent; readonly size: number; readonly reader: LineReader },
  ): Promise<void> {
    while (extent.to < size) {
      const part = await partOf(file, extent.to, Math.min(size, extent.to + this.#partBytes));
      const end = part.lastIndexOf(newLine) + 1;
      // The rest of the last line has not been written yet.
      if (end === 0) return;
      const lines = linesOf(part.subarray(0, end));
      for (const line of lines) reader.take(line);
      extent.first ??= lines[0] ?? null;
      extent.to += end;
    }
  }

  async #readBack(
    file: FileHandle,
    { extent, reader }: { readonly extent: Extent; readonly reader: LineReader },
  ): Promise<void> {
    while (extent.from > 0 && (extent.first === null || reader.needsBefore(extent.first))) {
      const start = Math.max(0, extent.from - this.#partBytes);
      const part = await partOf(file, start, extent.from);
      const begin = start === 0 ? 0 : part.indexOf(newLine) + 1;
      const lines = linesOf(part.subarray(begin));
      for (const line of lines) reader.take(line);
      extent.first = lines[0] ?? extent.first;
      // Without a whole line there is no way to go on.
      if (start + begin === extent.from) return;
      extent.from = start + begin;
    }
  }
}

async function partOf(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const part = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(part, { position: start });
  return part.subarray(0, bytesRead);
}

function linesOf(part: Buffer): readonly string[] {
  return part.toString('utf8').split('\n').filter(Boolean);
}
