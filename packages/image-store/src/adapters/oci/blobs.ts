import { type Descriptor, describe, type ImageBlob } from '../../image/blob.ts';
import { collectBytes } from '../../image/collect-bytes.ts';
import { damagedSource, verifiedBytes } from '../../image/verified-bytes.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { describeFailure, expectStatus } from './answers.ts';
import { corruptAnswer, pushFailed, unexpectedAnswer } from './errors.ts';
import type { HttpAnswer, StreamedBody } from './http.ts';
import type { RegistryClient, RegistryRequest } from './registry-client.ts';

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

  async has({ digest }: Pick<Descriptor, 'digest'>, options: BlobOptions): Promise<boolean> {
    const answer = await this.#client.request(asked('HEAD', digest, options));
    const there = expectStatus(answer, [200, 404]).status === 200;
    if (there) this.#homes.set(digest, options.repository);
    return there;
  }

  /** Sends a blob that is not there yet. Throws `IMAGE_STORE_PUSH_FAILED`. */
  async push(blob: ImageBlob, options: BlobOptions): Promise<void> {
    await this.write(describe(blob), () => wholeOf(blob), options);
  }

  /** Sends the bytes that `open` gives, each time anew. Throws `IMAGE_STORE_PUSH_FAILED`, `IMAGE_STORE_CORRUPT`. */
  async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: BlobOptions): Promise<void> {
    const source = new Source(blob, open);
    // What became of an upload that broke off nobody knows, so all of it is repeated.
    await this.#client.retrying(async () => {
      try {
        if (!(await this.has(blob, options))) await this.#upload(blob, source, options);
      } catch (error) {
        if (!source.failed) throw error;
      }
    }, options);
    source.throwIfFailed();
    this.#homes.set(blob.digest, options.repository);
  }

  /** All bytes of a blob that a manifest describes. Throws `IMAGE_STORE_CORRUPT`. */
  read(blob: Descriptor, options: BlobOptions): Promise<Buffer> {
    return collectBytes(this.chunks(blob, options));
  }

  /** The same, as they come in; a connection that breaks is taken up again where it did. */
  chunks(blob: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array> {
    const url = this.#client.urlOf(asked('GET', blob.digest, options));
    return verifiedBytes(this.#resumed(blob, options), blob, (found) => corruptAnswer(url, found));
  }

  async *#resumed({ digest, size }: Descriptor, options: BlobOptions) {
    const again = this.#client.retries(options);
    let received = 0;
    for (;;) {
      try {
        for await (const chunk of this.#from(received, { digest, size }, options)) {
          received += chunk.byteLength;
          yield chunk;
        }
        return;
      } catch (error) {
        if (received > 0 && received === size) return;
        await again(error);
      }
    }
  }

  async *#from(start: number, { digest, size }: Pick<Descriptor, 'digest' | 'size'>, options: BlobOptions) {
    const headers = start === 0 ? {} : { range: `bytes=${start}-` };
    const answer = await this.#client.once({ ...asked('GET', digest, options), headers, chunksOfBytes: size - start });
    if (expectStatus(answer, start === 0 ? [200, 404] : [200, 206, 404]).status === 404) {
      throw corruptAnswer(answer.url, 'it is missing');
    }
    if (answer.status === 206 && !answer.header('content-range')?.startsWith(`bytes ${start}-`)) {
      throw unexpectedAnswer(answer, `expected the bytes from ${start} on`);
    }
    // A server may send all of it instead.
    let left = answer.status === 206 ? 0 : start;
    for await (const chunk of answer.chunks ?? []) {
      const rest = chunk.subarray(left);
      left -= chunk.byteLength - rest.byteLength;
      if (rest.byteLength > 0) yield rest;
    }
  }

  async #upload(blob: Descriptor, source: StreamedBody, { repository, signal }: BlobOptions): Promise<void> {
    const begun = await this.#begin(blob, { repository, signal });
    if (begun.status === 201) {
      expectStored(begun, blob, repository);
      return;
    }
    if (begun.status !== 202) throw pushFailed({ ...begun, repository }, `expected 202, was ${describeFailure(begun)}`);
    const target = this.#client.locationOf(begun);
    target.searchParams.set('digest', blob.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const request = { method: 'PUT', action: 'push', repository, target, headers, body: source, signal } as const;
    expectStored(await this.#client.once(request), blob, repository);
  }

  /** Answered with 201 where the registry took the blob from another repository. */
  #begin({ digest }: Descriptor, { repository, signal }: BlobOptions): Promise<HttpAnswer> {
    const home = this.#homes.get(digest);
    const from = home === repository ? undefined : home;
    const query = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from }).toString()}`;
    const target = `blobs/uploads/${query}`;
    return this.#client.once({ method: 'POST', action: 'push', repository, target, from, signal });
  }
}

/** The bytes to send. What goes wrong with them is for their source to repeat, not for the upload. */
class Source implements StreamedBody {
  readonly sizeBytes: number;
  readonly #blob: Descriptor;
  readonly #open: () => AsyncIterable<Uint8Array>;
  #failure: { readonly error: unknown } | undefined;

  constructor(blob: Descriptor, open: () => AsyncIterable<Uint8Array>) {
    this.sizeBytes = blob.size;
    this.#blob = blob;
    this.#open = open;
  }

  async *open(): AsyncIterable<Uint8Array> {
    try {
      yield* verifiedBytes(this.#open(), this.#blob, damagedSource(this.#blob.digest));
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

async function* wholeOf({ contents }: ImageBlob) {
  await Promise.resolve();
  yield contents;
}

function asked(method: 'GET' | 'HEAD', digest: string, { repository, signal }: BlobOptions): RegistryRequest {
  return { method, action: 'pull', repository, target: `blobs/${digest}`, signal };
}

/** Throws `IMAGE_STORE_PUSH_FAILED` unless the registry says that it has stored just this. */
export function expectStored(answer: HttpAnswer, { digest }: Pick<ImageBlob, 'digest'>, repository: string): void {
  const place = { ...answer, repository };
  if (answer.status !== 201) throw pushFailed(place, `expected 201, was ${describeFailure(answer)}`);
  const stored = answer.header('docker-content-digest') ?? digest;
  if (stored !== digest) throw pushFailed(place, `expected ${digest}, the registry stored ${stored}`);
}
