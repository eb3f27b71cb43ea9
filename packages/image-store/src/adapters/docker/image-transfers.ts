import { type Clock, createEmitter, type Logger } from '@maestro/core';
import { z } from 'zod';

import type { ImageEvent } from '../../events.ts';
import type { TransferOptions } from '../../ports/image-engine.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { EngineClient, EngineRequest } from './engine-client.ts';
import type { EngineEvent } from './engine-events.ts';
import { brokenAnswer, EngineFault } from './engine-fault.ts';
import { EngineNames } from './engine-names.ts';
import { transferFailed } from './errors.ts';
import type { RegistryAuth, RegistryLogin } from './registry-login.ts';

export interface ImageTransfersParts {
  readonly client: EngineClient;
  readonly login: RegistryLogin;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Transfer {
  /** The engine's name for the image, with tag or digest. */
  readonly reference: string;
  /** What events call it. */
  readonly repository: string;
}

/** The other side of a registry stores a layer before it answers; a layer that is unpacked here says so. */
const silenceMs = 5 * 60_000;

const pushedSchema = z.object({ Tag: z.string(), Digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const distributionSchema = z.object({ Descriptor: z.object({ digest: z.string() }) });

/** What the engine sends to registries and fetches there. Throws `IMAGE_STORE_PUSH_FAILED`, `IMAGE_STORE_PULL_FAILED`. */
export class ImageTransfers {
  readonly #parts: ImageTransfersParts;

  constructor(parts: ImageTransfersParts) {
    this.#parts = parts;
  }

  /** Returns the digest that the registry has the image under. */
  async push({ name, tag, repository }: PushedName, options: TransferOptions): Promise<string> {
    const reference = `${name}:${tag}`;
    let digest: string | undefined;
    const request = { method: 'POST', path: `/images/${name}/push`, query: { tag } } as const;
    await this.#transfer('push', { reference, repository }, request, {
      ...options,
      read: ({ aux }) => {
        const pushed = pushedSchema.safeParse(aux).data;
        if (pushed?.Tag === tag) digest = pushed.Digest;
      },
      isDone: () => digest !== undefined,
    });
    return digest ?? '';
  }

  async pull(image: Transfer & { readonly platform?: string | undefined }, options: TransferOptions): Promise<void> {
    const { reference, platform } = image;
    const [name, tag] = splitReference(reference);
    const query = { fromImage: name, tag, ...(platform === undefined ? {} : { platform }) };
    let done = false;
    await this.#transfer(
      'pull',
      image,
      { method: 'POST', path: '/images/create', query },
      {
        ...options,
        read: ({ status }) => {
          done ||= status?.startsWith('Status: ') === true;
        },
        isDone: () => done,
      },
    );
  }

  /** What a tag stands for in its registry; undefined where that does not say so, for whatever reason. */
  async remoteDigest(reference: string, { signal }: Cancellable): Promise<string | undefined> {
    const { client, login } = this.#parts;
    const path = `/distribution/${reference}/json`;
    try {
      const { Descriptor } = await login.as(EngineNames.hostOf(reference), (auth) =>
        client.ask({ method: 'GET', path, auth }, distributionSchema, { signal }),
      );
      return Descriptor.digest;
    } catch (error) {
      if (error instanceof EngineFault) return undefined;
      throw error;
    }
  }

  failure(direction: 'push' | 'pull', reference: string, cause: unknown): unknown {
    const host = EngineNames.hostOf(reference);
    const { address } = this.#parts.client;
    return transferFailed({ address, direction, host, reference, what: `${direction} ${reference}` }, cause);
  }

  async #transfer(
    direction: 'push' | 'pull',
    { reference, repository }: Transfer,
    request: EngineRequest,
    { signal, onEvent, read, isDone }: TransferOptions & Reading,
  ): Promise<void> {
    const { client, login, clock, logger } = this.#parts;
    const emit = createEmitter<ImageEvent>({ onEvent, clock, logger });
    const follow = (auth: RegistryAuth) =>
      client.follow(
        { ...request, auth },
        {
          silenceMs,
          signal,
          onEvent: (event) => {
            read(event);
            const moved = layerEvent(event);
            if (moved !== undefined) emit({ type: 'image-layer', repository, direction, ...moved });
          },
        },
      );
    try {
      await login.as(EngineNames.hostOf(reference), follow);
      if (!isDone()) throw brokenAnswer('the engine did not say that it has ended');
    } catch (error) {
      throw this.failure(direction, reference, error);
    }
  }
}

interface PushedName {
  readonly name: string;
  readonly tag: string;
  readonly repository: string;
}

interface Reading {
  readonly read: (event: EngineEvent) => void;
  readonly isDone: () => boolean;
}

function layerEvent({ id, status, progressDetail }: EngineEvent) {
  // The first event of a pull has the tag as its id.
  if (id === undefined || status === undefined || status.startsWith('Pulling from ')) return undefined;
  return { layer: id, status, currentBytes: progressDetail?.current ?? 0, totalBytes: progressDetail?.total ?? 0 };
}

/** Without tag the engine would fetch them all. */
function splitReference(reference: string): readonly [name: string, tag: string] {
  const at = reference.indexOf('@');
  if (at >= 0) return [reference.slice(0, at).replace(/:[^:/]*$/, ''), reference.slice(at + 1)];
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return [reference, 'latest'];
  return [reference.slice(0, colon), reference.slice(colon + 1)];
}
