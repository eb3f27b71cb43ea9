import { Readable } from 'node:stream';

import { messageOf } from '@maestro/core';

import { digestOf } from '../../image/blob.ts';
import { collectBytes } from '../../image/collect-bytes.ts';
import { brokenAnswer } from './engine-fault.ts';

/** The layer with this digest in what `docker save` gives, whatever it is called there. Throws `EngineFault`. */
export async function layerIn(chunks: AsyncIterable<Uint8Array>, digest: string): Promise<Uint8Array> {
  const { extract } = await import('tar-stream');
  const source = Readable.from(chunks, { objectMode: false });
  const archive = extract();
  source.on('error', (error) => {
    archive.destroy(error);
  });
  source.pipe(archive);
  let layer: Uint8Array | undefined;
  try {
    for await (const each of archive) {
      const contents = await collectBytes(each);
      if (layer === undefined && digestOf(contents) === digest) layer = contents;
    }
  } catch (error) {
    throw brokenAnswer(`what it sent is no whole archive: ${messageOf(error)}`, error);
  } finally {
    source.destroy();
  }
  if (layer === undefined) throw brokenAnswer(`what it sent does not hold the layer ${digest}`);
  return layer;
}
