import { createHash } from 'node:crypto';

import { ImageStoreError } from '../errors.ts';
import type { Descriptor } from './blob.ts';

/**
 * Hands on the bytes of a blob while they are checked. The last ones come only when all of them are what the descriptor
 * says, so that nobody ever has a whole blob with a wrong byte in it; else it throws what `damaged` makes of the finding.
 */
export async function* verifiedBytes(
  chunks: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  damaged: (found: string) => Error,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  let bytes = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (chunk.byteLength === 0) continue;
    bytes += chunk.byteLength;
    if (bytes > size) throw damaged(`it is longer than ${size} bytes`);
    hash.update(chunk);
    if (last !== undefined) yield last;
    last = chunk;
  }
  if (bytes < size) throw damaged(`it ends after ${bytes} of ${size} bytes`);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw damaged(`its contents are ${found}`);
  if (last !== undefined) yield last;
}

/** What somebody wants to have stored is not what they say it is. */
export function damagedSource(digest: string): (found: string) => ImageStoreError {
  return (found) =>
    new ImageStoreError('IMAGE_STORE_CORRUPT', `the blob ${digest} cannot be stored: ${found}`, {
      hint: 'read it from where it came from again, or build the image anew: maestro images build --push',
      details: { digest },
    });
}
