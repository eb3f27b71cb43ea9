import { createEmitter, silentLogger, systemClock } from '@maestro/core';

import type { IndexEntries } from '../adapters/embedded/index-entries.ts';
import { withNames } from '../adapters/layout/layout-content.ts';
import { refName } from '../adapters/layout/layout-reader.ts';
import { writeStreamDurably } from '../adapters/layout/write-stream.ts';
import type { ImageEvent } from '../events.ts';
import { type Descriptor, describe, type ImageBlob } from '../image/blob.ts';
import { blobPath, indexText, layoutMark } from '../image/layout.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';
import { reporting } from './copy-contents.ts';
import type { CopyOptions } from './copy-images.ts';
import { readImageTree } from './image-tree.ts';
import { recordFile, recordText } from './release-place.ts';
import { releasedImages } from './released-images.ts';
import { type ArchivedFile, tarArchive } from './tar-archive.ts';

export interface SaveArchiveOptions extends Omit<CopyOptions, 'to'> {
  readonly file: string;
  readonly release: ReleaseRecord;
}

interface ReleaseContents {
  readonly documents: ReadonlyMap<string, ImageBlob>;
  /** Each with the repository that it is read from. */
  readonly blobs: ReadonlyMap<string, { readonly blob: Descriptor; readonly repository: string }>;
  readonly entries: IndexEntries;
}

/** What goes to the archive is known from the manifests, so that layers go through without lying anywhere else. */
export async function saveReleaseArchive(options: SaveArchiveOptions): Promise<void> {
  const contents = await contentsOf(options);
  await writeStreamDurably(options.file, tarArchive(filesOf(contents, options)), options);
}

async function contentsOf({ from, release, signal }: SaveArchiveOptions): Promise<ReleaseContents> {
  const documents = new Map<string, ImageBlob>();
  const blobs = new Map<string, { readonly blob: Descriptor; readonly repository: string }>();
  let entries: IndexEntries = [];
  for (const { repository, digest, tags } of releasedImages(release)) {
    const { root, children, blobs: parts } = await readImageTree({ content: from, repository, digest, signal });
    for (const document of [root, ...children]) documents.set(document.digest, document);
    for (const blob of parts) blobs.set(blob.digest, { blob, repository });
    const names = tags.map((tag) => refName(repository, tag));
    entries = withNames(entries, describe(root), names);
  }
  return { documents, blobs, entries };
}

function* filesOf({ documents, blobs, entries }: ReleaseContents, options: SaveArchiveOptions): Iterable<ArchivedFile> {
  const { from, release, onEvent, clock = systemClock, logger = silentLogger, signal } = options;
  const emit = createEmitter<ImageEvent>({ onEvent, clock, logger });
  yield inMemory('oci-layout', Buffer.from(layoutMark));
  yield inMemory('index.json', Buffer.from(indexText(entries)));
  yield inMemory(recordFile, Buffer.from(recordText(release)));
  for (const digest of [...documents.keys(), ...blobs.keys()].sort()) {
    const document = documents.get(digest);
    if (document !== undefined) yield inMemory(blobPath(digest), document.contents);
    const layer = blobs.get(digest);
    if (document !== undefined || layer === undefined) continue;
    const { blob, repository } = layer;
    const chunks = reporting(blob, from.read(blob, { repository, signal }), { repository, direction: 'pull', emit });
    yield { name: blobPath(digest), sizeBytes: blob.size, chunks };
  }
}

function inMemory(name: string, contents: Uint8Array): ArchivedFile {
  return { name, sizeBytes: contents.byteLength, chunks: [contents] };
}
