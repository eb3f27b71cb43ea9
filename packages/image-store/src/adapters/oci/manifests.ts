import { digestOf, type ImageBlob } from '../../image/blob.ts';
import { documentTypes } from '../../image/documents.ts';
import { isDigest } from '../../image/names.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { describeFailure, expectStatus, isUnsupported } from './answers.ts';
import { expectStored } from './blobs.ts';
import { corruptAnswer, deleteDisabled, unexpectedAnswer } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import type { RegistryClient, RegistryRequest } from './registry-client.ts';

interface ManifestOptions extends Cancellable {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** The manifests of a registry's repositories, as bytes: their digest is the image's. */
export class Manifests {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  /** Undefined where there is none. Throws `IMAGE_STORE_CORRUPT`. */
  async read(options: ManifestOptions): Promise<ImageBlob | undefined> {
    const answer = await this.#client.request(asked('GET', options));
    const { url, body } = expectStatus(answer, [200, 404]);
    if (answer.status === 404) return undefined;
    const digest = digestOf(body);
    const expected = isDigest(options.reference) ? options.reference : digestIn(answer);
    if (expected !== undefined && digest !== expected) {
      throw corruptAnswer(url, `expected ${expected}, its contents are ${digest}`);
    }
    const [mediaType = ''] = (answer.header('content-type') ?? '').split(';');
    return { mediaType, digest, contents: body };
  }

  /** What a tag or digest stands for; undefined where it stands for nothing. */
  async digest(options: ManifestOptions): Promise<string | undefined> {
    const answer = expectStatus(await this.#client.request(asked('HEAD', options)), [200, 404]);
    if (answer.status === 404) return undefined;
    // The header is optional.
    return digestIn(answer) ?? (await this.read(options))?.digest;
  }

  /** Writes under a tag, from whatever it stood for before. Throws `IMAGE_STORE_PUSH_FAILED`. */
  async write(manifest: ImageBlob, options: ManifestOptions): Promise<void> {
    const headers = { 'content-type': manifest.mediaType };
    const request = { ...asked('PUT', options), action: 'push', headers, body: manifest.contents } as const;
    const answer = await this.#client.request(request);
    // Where tags are immutable another writer, or this one before its connection broke, may have been first.
    if ([400, 409].includes(answer.status) && (await this.digest(options)) === manifest.digest) return;
    expectStored(answer, manifest, options.repository);
  }

  /** Removes a manifest and all tags that stand for it. Throws `IMAGE_STORE_DELETE_DISABLED`. */
  async remove({ repository, digest, signal }: Cancellable & { readonly repository: string; readonly digest: string }) {
    const request = { ...asked('DELETE', { repository, reference: digest, signal }), action: 'delete' } as const;
    const answer = await this.#client.request(request);
    if (isUnsupported(answer)) throw deleteDisabled({ ...answer, repository });
    if ([200, 202, 204, 404].includes(answer.status)) return;
    throw unexpectedAnswer(answer, `expected 202, was ${describeFailure(answer)}`);
  }
}

function asked(method: RegistryRequest['method'], { repository, reference, signal }: ManifestOptions): RegistryRequest {
  const target = `manifests/${reference}`;
  const headers = { accept: documentTypes.join(', ') };
  return { method, action: 'pull', repository, target, headers, signal };
}

function digestIn(answer: HttpAnswer): string | undefined {
  const digest = answer.header('docker-content-digest');
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
