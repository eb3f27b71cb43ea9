import { open } from 'node:fs/promises';

const defaultPartBytes = 1024 * 1024;

/** The lines of a file from the last to the first, as they are asked for; none where there is no file. */
export async function* linesBackwards(path: string, partBytes = defaultPartBytes): AsyncGenerator<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    let { size: end } = await file.stat();
    // Bytes, because a part may begin within a character.
    let rest = Buffer.alloc(0);
    while (end > 0) {
      const start = Math.max(0, end - partBytes);
      const part = Buffer.alloc(end - start);
      await file.read(part, { position: start });
      const joined = Buffer.concat([part, rest]);
      const first = start === 0 ? -1 : joined.indexOf('\n');
      const whole = start > 0 && first === -1 ? '' : joined.toString('utf8', first + 1);
      rest = start === 0 ? Buffer.alloc(0) : first === -1 ? joined : joined.subarray(0, first + 1);
      end = start;
      yield* whole.split('\n').filter(Boolean).toReversed();
    }
  } finally {
    await file.close();
  }
}
