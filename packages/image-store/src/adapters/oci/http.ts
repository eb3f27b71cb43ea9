import { getCACertificates } from 'node:tls';

import { isMaestroError } from '@maestro/core';
import { Agent, type Dispatcher } from 'undici';

import { corruptAnswer, unreachable } from './errors.ts';

export interface HttpRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
  /** The longest body of an answer; a longer one is `IMAGE_STORE_CORRUPT`. */
  readonly limitBytes: number;
}

export interface HttpAnswer {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

/** One request and its whole answer; follows no redirect and ends with the signal. Throws `IMAGE_STORE_UNREACHABLE`. */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** What is read of an answer that only says what went wrong. */
const failureBytes = 64 * 1024;

/** `ca` is trusted besides what the system trusts: storage and token services are often others'. */
export function openHttp({ ca }: { readonly ca: string | undefined }): Http {
  const connect = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  // The signal is the deadline; undici's own would end an upload that is only slow.
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });

  return async ({ method, url, headers, body, limitBytes }, signal) => {
    try {
      const path = `${url.pathname}${url.search}`;
      const request = { origin: url.origin, path, method, headers: headers ?? {}, body: body ?? null, signal };
      const answer = await agent.request(request);
      return {
        method,
        url,
        status: answer.statusCode,
        header: (name) => joined(answer.headers[name]),
        body: await bodyOf(answer, { url, limitBytes }),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw isMaestroError(error) ? error : unreachable({ method, url }, error);
    }
  };
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
