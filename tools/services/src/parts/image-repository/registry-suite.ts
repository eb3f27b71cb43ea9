import { accessAt, requestRegistry } from './registry-client.ts';
import { deleteImages } from './registry-contents.ts';

/** Repositories of the suite's own: all whose names begin with its prefix. */
export interface ImageRepositorySuite extends AsyncDisposable {
  /** `http://127.0.0.1:5000` or `https://…`, without login. */
  readonly address: string;
  /** What images are named with: `127.0.0.1:5000`. */
  readonly host: string;
  /** What names of repositories begin with, its slash included. */
  readonly prefix: string;
}

/** Null: a registry tells no version, only that it speaks this protocol. */
export async function askRegistry(address: string, signal: AbortSignal): Promise<null> {
  const { status, headers } = await requestRegistry(accessAt(address), { method: 'GET', path: '/v2/', signal });
  if (status === 200 && headers['docker-distribution-api-version'] === 'registry/2.0') return null;
  throw new Error(`GET /v2/ was answered with ${status}, and not by a registry that lets one in`);
}

export function openRegistrySuite(options: { readonly address: string; readonly suite: string }): ImageRepositorySuite {
  const { address, suite } = options;
  const access = accessAt(address);
  const prefix = `${suite}/`;
  return {
    address: access.origin,
    host: access.host,
    prefix,
    [Symbol.asyncDispose]: () => deleteImages(access, (name) => name.startsWith(prefix)),
  };
}

export async function removeRegistrySuites(options: {
  readonly address: string;
  readonly isLeftover: (name: string) => boolean;
}): Promise<void> {
  await deleteImages(accessAt(options.address), options.isLeftover);
}
