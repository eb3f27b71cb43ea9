import { z } from 'zod';

import { blobOf, describe, type ImageBlob } from '../../image/blob.ts';
import { mediaTypes } from '../../image/oci.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { corruptAnswer } from './errors.ts';
import type { RegistryParts } from './repository.ts';
import { listTags } from './tag-list.ts';

/** An artifact of https://github.com/opencontainers/image-spec/blob/main/manifest.md that holds one small document. */
export interface ReleaseDocument {
  readonly manifest: ImageBlob;
  readonly contents: ImageBlob;
}

export interface DocumentPlace extends Cancellable {
  readonly tag: string;
  readonly type: string;
}

/** Also what a registry that keeps images only must find: an artifact has no configuration. */
const emptyConfig = blobOf('application/vnd.oci.empty.v1+json', Buffer.from('{}'));
const mostBytes = 4 * 1024 * 1024;

const manifestSchema = z.object({
  artifactType: z.string(),
  layers: z.tuple([
    z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.int().nonnegative().max(mostBytes) }),
  ]),
});

/** The same value gives the same digest. One that names its tag shares it with no other, and so can be removed alone. */
export function documentOf(type: string, value: unknown): ReleaseDocument {
  const contents = blobOf(type, Buffer.from(JSON.stringify(value)));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: type,
    config: describe(emptyConfig),
    layers: [describe(contents)],
  };
  return { manifest: blobOf(mediaTypes.manifest, Buffer.from(JSON.stringify(manifest))), contents };
}

/**
 * Small JSON documents in a repository of their own, each under its tag. Registries compare nothing before they write,
 * so that nothing here depends on what a tag stood for before.
 */
export class ReleaseDocuments {
  /** With the namespace. */
  readonly repository: string;
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts, { repository }: { readonly repository: string }) {
    this.repository = repository;
    this.#parts = parts;
  }

  tags({ signal }: Cancellable): Promise<readonly string[]> {
    return listTags(this.#parts.client, { repository: this.repository, signal });
  }

  /** The digest of what a tag stands for. */
  digest(reference: string, { signal }: Cancellable): Promise<string | undefined> {
    return this.#parts.manifests.digest({ repository: this.repository, reference, signal });
  }

  /** Undefined where the tag stands for nothing. Throws `IMAGE_STORE_CORRUPT` for what is no such document. */
  async read(place: DocumentPlace): Promise<string | undefined> {
    const manifest = await this.#parts.manifests.read({ ...this.#at(place), reference: place.tag });
    if (manifest === undefined) return undefined;
    const [layer] = this.#checked(manifest, place).layers;
    const contents = await this.#parts.blobs.read({ ...layer, mediaType: place.type }, this.#at(place));
    return contents.toString('utf8');
  }

  /** Writes the contents first, so that no tag ever stands for half a document. Throws `IMAGE_STORE_PUSH_FAILED`. */
  async write({ manifest, contents }: ReleaseDocument, { tag, signal }: Cancellable & { readonly tag: string }) {
    await this.writeContents(contents, { signal });
    await this.#parts.manifests.write(manifest, { ...this.#at({ signal }), reference: tag });
  }

  /** Sends what is not there, without a tag. */
  async writeContents(contents: ImageBlob, { signal }: Cancellable): Promise<void> {
    for (const blob of [emptyConfig, contents]) await this.#parts.blobs.push(blob, this.#at({ signal }));
  }

  /** Throws `IMAGE_STORE_DELETE_DISABLED`, and `IMAGE_STORE_CORRUPT` for what is no such document: it is not ours. */
  async remove(place: DocumentPlace): Promise<void> {
    const manifest = await this.#parts.manifests.read({ ...this.#at(place), reference: place.tag });
    if (manifest === undefined) return;
    this.#checked(manifest, place);
    await this.#parts.manifests.remove({ ...this.#at(place), digest: manifest.digest });
  }

  #checked({ contents }: ImageBlob, { tag, type }: DocumentPlace): z.infer<typeof manifestSchema> {
    const manifest = manifestSchema.safeParse(jsonOf(contents)).data;
    if (manifest?.artifactType === type) return manifest;
    const url = this.#parts.client.urlOf({ repository: this.repository, target: `manifests/${tag}` });
    throw corruptAnswer(url, `expected an artifact of the type ${type}`);
  }

  #at({ signal }: Cancellable) {
    return { repository: this.repository, signal };
  }
}

function jsonOf(contents: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(contents).toString('utf8'));
  } catch {
    return undefined;
  }
}
