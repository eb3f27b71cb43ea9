import { createHash } from 'node:crypto';

import { createEmitter, silentLogger, systemClock } from '@maestro/core';

import { ImageStoreError } from '../errors.ts';
import { digestOf } from '../image/blob.ts';
import type { BuildOptions, BuildRequest, BuiltImage, ImageBuilder } from '../ports/image-builder.ts';

/** A build that was asked for. */
export interface RecordedBuild extends Omit<BuildRequest, 'context'> {
  /** The context's bytes. */
  readonly archive: Buffer;
}

/** An image builder that builds nothing: it reads the context, and the image's id is the hash of what was asked for. */
export class MemoryImageBuilder implements ImageBuilder {
  /** In the order of their ends. */
  readonly builds: RecordedBuild[] = [];
  /** Identities of the images that Dockerfiles may start from, by reference; undefined for any. */
  readonly #bases: Readonly<Record<string, string>> | undefined;

  constructor({ bases }: { readonly bases?: Readonly<Record<string, string>> | undefined } = {}) {
    this.#bases = bases;
  }

  resolveBase({ reference }: { readonly reference: string }, options?: BuildOptions): Promise<string> {
    return new Promise((resolve) => {
      options?.signal?.throwIfAborted();
      resolve(this.#identityOf(reference));
    });
  }

  async build({ context, ...request }: BuildRequest, options: BuildOptions = {}): Promise<BuiltImage> {
    const { signal, onEvent } = options;
    signal?.throwIfAborted();
    const chunks: Uint8Array[] = [];
    for await (const chunk of context) {
      signal?.throwIfAborted();
      chunks.push(chunk);
    }
    const archive = Buffer.concat(chunks);
    const emit = createEmitter({ onEvent, clock: systemClock, logger: silentLogger });
    emit({ type: 'image-build-output', service: request.service, line: `read ${archive.byteLength} bytes` });
    this.builds.push({ ...request, archive });
    const { dockerfile, target, args, labels, platform } = request;
    const asked = JSON.stringify([dockerfile, target, args, labels, platform]);
    const imageId = `sha256:${createHash('sha256').update(asked).update(archive).digest('hex')}`;
    return { imageId, sizeBytes: archive.byteLength };
  }

  #identityOf(reference: string): string {
    const identity = this.#bases === undefined ? digestOf(Buffer.from(reference)) : this.#bases[reference];
    if (identity !== undefined) return identity;
    throw new ImageStoreError('IMAGE_STORE_PULL_FAILED', `there is no image ${reference}`, {
      hint: 'write another image into the Dockerfile',
      details: { reference },
    });
  }
}
