import type { ImageEvent } from '../events.ts';
import type { Descriptor } from '../image/blob.ts';
import type { ReadableImageContent, WritableImageContent } from '../ports/image-content.ts';
import type { Cancellable } from '../ports/image-store.ts';
import { concurrently } from '../concurrently.ts';
import type { ImageTree } from './image-tree.ts';

export interface LayerReports {
  readonly repository: string;
  readonly direction: 'pull' | 'push';
  readonly emit: (event: ImageEvent) => void;
}

export interface Copying extends LayerReports, Cancellable {
  readonly from: ReadableImageContent;
  readonly to: Omit<WritableImageContent, 'tag'>;
}

export interface CopiedContents {
  readonly copied: readonly Descriptor[];
  /** What was there already, or did not have to be read. */
  readonly present: readonly Descriptor[];
}

/** So many bytes go between two events of a layer. */
const reportedBytes = 4 * 1024 * 1024;

/** Copies everything but the root of an image: nobody can come upon an image that is not whole. */
export async function copyContents(tree: ImageTree, copying: Copying): Promise<CopiedContents> {
  const ended = new AbortController();
  const signal = copying.signal === undefined ? ended.signal : AbortSignal.any([copying.signal, ended.signal]);
  const read = await concurrently(tree.blobs, async (blob) => {
    try {
      return await copyBlob(blob, { ...copying, signal });
    } catch (error) {
      // The others may have much before them.
      ended.abort(error);
      throw error;
    }
  });
  for (const child of tree.children) await copying.to.writeManifest(child, copying);
  return {
    copied: tree.blobs.filter((_, index) => read[index]),
    present: tree.blobs.filter((_, index) => !read[index]),
  };
}

/** Returns whether its bytes were read. */
async function copyBlob(blob: Descriptor, copying: Copying): Promise<boolean> {
  const { from, to, repository, signal } = copying;
  const bytes = { read: false };
  const open = () => {
    bytes.read = true;
    return reporting(blob, from.read(blob, { repository, signal }), copying);
  };
  await to.write(blob, open, { repository, signal });
  report(blob, { status: bytes.read ? 'copied' : 'present', currentBytes: blob.size }, copying);
  return bytes.read;
}

/** Hands a layer's bytes on, and tells how many there were. */
export async function* reporting(blob: Descriptor, chunks: AsyncIterable<Uint8Array>, reports: LayerReports) {
  let currentBytes = 0;
  let reported = 0;
  report(blob, { status: 'copying', currentBytes }, reports);
  for await (const chunk of chunks) {
    currentBytes += chunk.byteLength;
    if (currentBytes - reported >= reportedBytes) {
      reported = currentBytes;
      report(blob, { status: 'copying', currentBytes }, reports);
    }
    yield chunk;
  }
}

function report(
  { digest: layer, size: totalBytes }: Descriptor,
  progress: { readonly status: 'copied' | 'copying' | 'present'; readonly currentBytes: number },
  { repository, direction, emit }: LayerReports,
): void {
  emit({ type: 'image-layer', repository, direction, layer, totalBytes, ...progress });
}
