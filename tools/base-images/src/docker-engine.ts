import { open } from 'node:fs/promises';

import Docker from 'dockerode';

import { type DeadlineOptions, systemClock, withDeadline } from '@maestro/core';

import { engineFailed, loadFailed, pullFailed } from './errors.ts';
import { readNdjson } from './ndjson.ts';

const inspectDeadlineMs = 30_000;
const loadDeadlineMs = 5 * 60_000;
const pullDeadlineMs = 15 * 60_000;

/** Where a Docker Engine listens. */
export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

interface EngineEvent {
  readonly stream?: string;
  readonly error?: string;
}

/** What base images need of a Docker Engine. */
export class DockerEngine {
  readonly #docker: Docker;
  /** As Docker's command line takes it. */
  readonly #host: string;

  constructor(address: EngineAddress) {
    // Dockerode prefers the host of DOCKER_HOST to a socket that it is given, and its certificates to plain HTTP.
    this.#docker = new Docker({ host: '', ...address, protocol: 'http' });
    this.#host = 'host' in address ? `tcp://${address.host}:${address.port}` : `unix://${address.socketPath}`;
  }

  /** The id of an image; undefined where the engine has none of that name. */
  async find(reference: string, signal?: AbortSignal): Promise<string | undefined> {
    const inspect = async () => {
      try {
        return (await this.#docker.getImage(reference).inspect()).Id;
      } catch (error) {
        if (statusCodeOf(error) === 404) return undefined;
        throw error;
      }
    };
    return await within(inspectDeadlineMs, signal, inspect, (reason) => engineFailed(this.#host, reason));
  }

  async pull(reference: string, signal?: AbortSignal): Promise<string> {
    const pull = async (abortSignal: AbortSignal) => {
      const progress = await this.#docker.pull(reference, { abortSignal });
      for await (const { error } of eventsOf(progress)) if (error !== undefined) throw new Error(error);
      return await this.#present(reference);
    };
    return await within(pullDeadlineMs, signal, pull, (reason) => pullFailed(this.#host, reference, reason));
  }

  /** Loads an archive that holds one image, and names it. */
  async load(archive: string, reference: string, signal?: AbortSignal): Promise<string> {
    const load = async (abortSignal: AbortSignal) => {
      // Dockerode leaves the errors of a file that it opens itself to nobody, which ends the process.
      await using file = await open(archive);
      const progress = await this.#docker.loadImage(file.createReadStream(), { quiet: true, abortSignal });
      const loaded = await loadedImage(progress);
      const { repository, tag } = splitReference(reference);
      await this.#docker.getImage(loaded).tag({ repo: repository, tag });
      return await this.#present(reference);
    };
    return await within(loadDeadlineMs, signal, load, (reason) => loadFailed(this.#host, archive, reason));
  }

  async #present(reference: string): Promise<string> {
    return (await this.#docker.getImage(reference).inspect()).Id;
  }
}

/** The status is 200 also where loading fails later: only the last event tells. */
async function loadedImage(progress: NodeJS.ReadableStream): Promise<string> {
  let id: string | undefined;
  for await (const { error, stream } of eventsOf(progress)) {
    if (error !== undefined) throw new Error(error);
    id = /^Loaded image ID: (sha256:[0-9a-f]{64})/.exec(stream ?? '')?.[1] ?? id;
  }
  if (id === undefined) throw new Error('it did not say which image it loaded');
  return id;
}

async function* eventsOf(stream: NodeJS.ReadableStream): AsyncGenerator<EngineEvent> {
  for await (const event of readNdjson(stream)) {
    if (typeof event === 'object' && event !== null) yield event;
  }
}

/** The tag follows the last colon, unless that one stands before a port. */
export function splitReference(reference: string): { readonly repository: string; readonly tag: string } {
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { repository: reference, tag: 'latest' };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** Runs a request until its deadline; `toError` translates how it failed, other than by the caller's own abort. */
async function within<T>(
  deadlineMs: number,
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
  toError: (reason: unknown) => Error,
): Promise<T> {
  const onExpired = () => new Error(`no end after ${deadlineMs / 1000} s`);
  const options: DeadlineOptions = { deadlineMs, clock: systemClock, signal, onExpired };
  try {
    return await withDeadline(request, options);
  } catch (error) {
    signal?.throwIfAborted();
    throw toError(error);
  }
}

function statusCodeOf(error: unknown): unknown {
  return error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
}
