import { type Descriptor, digestOf, type ImageBlob } from '../../image/blob.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { describeFailure, expectStatus } from './answers.ts';
import { corruptAnswer, pushFailed } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import type { RegistryClient } from './registry-client.ts';

interface BlobOptions extends Cancellable {
  readonly repository: string;
}

/** The blobs of a registry's repositories: configurations and layers. */
export class Blobs {
  readonly #client: RegistryClient;
  /** A repository that holds a blob, by digest: from there the registry takes it without an upload. */
  readonly #homes = new Map<string, string>();

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  /** Sends a blob that is not there yet. Throws `IMAGE_STORE_PUSH_FAILED`. */
  async push(blob: ImageBlob, options: BlobOptions): Promise<void> {
    // What became of an upload that broke off nobody knows, so all of it is repeated.
    await this.#client.retrying(async () => {
      if (!(await this.#has(blob, options))) await this.#upload(blob, options);
    }, options);
    this.#homes.set(blob.digest, options.repository);
  }

  /** The bytes of a blob that a manifest describes. Throws `IMAGE_STORE_CORRUPT`. */
  async read({ digest, size }: Descriptor, { repository, signal }: BlobOptions): Promise<Buffer> {
    const answer = await this.#client.request({
      method: 'GET',
      action: 'pull',
      repository,
      target: `blobs/${digest}`,
      limitBytes: size,
      signal,
    });
    const { url, body } = expectStatus(answer, [200, 404]);
    if (answer.status === 404) throw corruptAnswer(url, 'it is missing');
    const found = digestOf(body);
    if (found !== digest) throw corruptAnswer(url, `its contents are ${found}`);
    return body;
  }

  async #has({ digest }: ImageBlob, { repository, signal }: BlobOptions): Promise<boolean> {
    const target = `blobs/${digest}`;
    const answer = await this.#client.once({ method: 'HEAD', action: 'pull', repository, target, signal });
    return expectStatus(answer, [200, 404]).status === 200;
  }

  async #upload(blob: ImageBlob, { repository, signal }: BlobOptions): Promise<void> {
    const begun = await this.#begin(blob, { repository, signal });
    if (begun.status === 201) {
      expectStored(begun, blob, repository);
      return;
    }
    if (begun.status !== 202) throw pushFailed({ ...begun, repository }, `expected 202, was ${describeFailure(begun)}`);
    const target = this.#client.locationOf(begun);
    target.searchParams.set('digest', blob.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const body = blob.contents;
    const ended = await this.#client.once({ method: 'PUT', action: 'push', repository, target, headers, body, signal });
    expectStored(ended, blob, repository);
  }

  /** Answered with 201 where the registry took the blob from another repository. */
  #begin({ digest }: ImageBlob, { repository, signal }: BlobOptions): Promise<HttpAnswer> {
    const home = this.#homes.get(digest);
    const from = home === repository ? undefined : home;
    const query = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from }).toString()}`;
    const target = `blobs/uploads/${query}`;
    return this.#client.once({ method: 'POST', action: 'push', repository, target, from, signal });
  }
}

/** Throws `IMAGE_STORE_PUSH_FAILED` unless the registry says that it has stored just this. */
export function expectStored(answer: HttpAnswer, { digest }: Pick<ImageBlob, 'digest'>, repository: string): void {
  const place = { ...answer, repository };
  if (answer.status !== 201) throw pushFailed(place, `expected 201, was ${describeFailure(answer)}`);
  const stored = answer.header('docker-content-digest') ?? digest;
  if (stored !== digest) throw pushFailed(place, `expected ${digest}, the registry stored ${stored}`);
}
