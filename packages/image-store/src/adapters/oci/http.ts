import { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';

import { isMaestroError } from '@maestro/core';
import type { Agent, Dispatcher } from 'undici';

import { corruptAnswer, unreachable } from './errors.ts';

/** A body that is made anew each time it is sent. */
export interface StreamedBody {
  readonly sizeBytes: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | StreamedBody | undefined;
  /** The longest body of an answer; a longer one is `IMAGE_STORE_CORRUPT`. */
  readonly limitBytes: number;
  /** Whether the body of an answer with 200 or 206 is handed on as it comes in, however long it is. */
  readonly inChunks?: boolean | undefined;
}

export interface HttpAnswer {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Empty where it comes in chunks. */
  readonly body: Buffer;
  /** To be read once, or the connection stays taken. Throws `IMAGE_STORE_UNREACHABLE`. */
  readonly chunks?: AsyncIterable<Uint8Array> | undefined;
}

/** One request and its answer; follows no redirect and ends with the signal. Throws `IMAGE_STORE_UNREACHABLE`. */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** What is read of an answer that only says what went wrong. */
const failureBytes = 64 * 1024;

/** `ca` is trusted besides what the system trusts: storage and token services are often others'. */
export function openHttp({ ca }: { readonly ca: string | undefined }): Http {
  let agent: Promise<Agent> | undefined;
  return async (request, signal) => {
    const { method, url, limitBytes, inChunks } = request;
    try {
      agent ??= newAgent(ca);
      const answer = await (await agent).request(sent(request, signal));
      const { statusCode: status } = answer;
      const streamed = inChunks === true && (status === 200 || status === 206);
      return {
        method,
        url,
        status,
        header: (name) => joined(answer.headers[name]),
        body: streamed ? Buffer.alloc(0) : await bodyOf(answer, { url, limitBytes }),
        chunks: streamed ? chunksOf(answer, request, signal) : undefined,
      };
    } catch (error) {
      throw translated(error, request, signal);
    }
  };
}

/** Loaded with the first request: many a program opens an image repository, and then asks it for nothing. */
async function newAgent(ca: string | undefined): Promise<Agent> {
  const { Agent } = await import('undici');
  const connect = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  // The signal is the deadline; undici's own would end an upload that is only slow.
  return new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
}

function sent({ method, url, headers = {}, body }: HttpRequest, signal: AbortSignal): Dispatcher.RequestOptions {
  const request = { origin: url.origin, path: `${url.pathname}${url.search}`, method, signal };
  if (typeof body !== 'object' || body instanceof Uint8Array) return { ...request, headers, body: body ?? null };
  const length = { 'content-length': String(body.sizeBytes) };
  return { ...request, headers: { ...headers, ...length }, body: Readable.from(body.open(), { objectMode: false }) };
}

async function* chunksOf(answer: Dispatcher.ResponseData, request: HttpRequest, signal: AbortSignal) {
  try {
    yield* answer.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw translated(error, request, signal);
  }
}

function translated(error: unknown, { method, url }: HttpRequest, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return isMaestroError(error) ? error : unreachable({ method, url }, error);
}

async function bodyOf(
  answer: Dispatcher.ResponseData,
  { url, limitBytes }: { readonly url: URL; readonly limitBytes: number },
): Promise<Buffer> {
  const failed = answer.statusCode >= 300;
  const limit = failed ? failureBytes : limitBytes;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limit && failed) break;
    if (bytes > limit) throw corruptAnswer(url, `expected at most ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function joined(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
