import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';

export interface RegistryAccess {
  /** Without login: `https://127.0.0.1:5443`. */
  readonly origin: string;
  /** What images are named with: `127.0.0.1:5443`. */
  readonly host: string;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** The path of the PEM file with the certificate to trust, where it is not one that the system trusts. */
  readonly ca?: string | undefined;
}

export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal?: AbortSignal;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const deadlineMs = 30_000;

/** What `https://user:password@127.0.0.1:5443/?ca=/path/ca.pem` says; of this only the origin is needed. */
export function accessAt(address: string): RegistryAccess {
  const { origin, host, username, password, searchParams } = new URL(address);
  return {
    origin,
    host,
    login:
      username === '' ? undefined : { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    ca: searchParams.get('ca') ?? undefined,
  };
}

export async function requestRegistry(access: RegistryAccess, options: RegistryRequest): Promise<RegistryAnswer> {
  const { method, path, body } = options;
  const { login, ca } = access;
  const url = new URL(path, access.origin);
  const deadline = AbortSignal.timeout(deadlineMs);
  const settings = {
    method,
    headers: { 'content-length': body?.length ?? 0, ...options.headers },
    auth: login === undefined ? undefined : `${login.username}:${login.password}`,
    signal: options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]),
    agent: false,
  } as const;
  const request =
    url.protocol === 'http:'
      ? requestHttp(url, settings)
      : requestHttps(url, { ...settings, ca: ca === undefined ? undefined : readFileSync(ca) });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}
