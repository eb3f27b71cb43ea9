import { BlockList } from 'node:net';

import { ImageStoreError } from '../../errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reads `https://<host>[:<port>]`; plain http is for a registry on this machine. Throws `IMAGE_STORE_INVALID_REGISTRY`. */
export function registryAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && isRegistry(url)) return url;
  // The text itself may hold a password.
  throw new ImageStoreError(
    'IMAGE_STORE_INVALID_REGISTRY',
    'the address of a registry is expected as https://<host>[:<port>], or http:// for one on this machine',
    { hint: 'leave credentials to "credentials" and the path to "namespace"' },
  );
}

/**
 * Whether what a registry names (a token service, storage, the place of an upload) may be asked: over https, or where
 * the registry itself is reached by plain http on this machine, there too.
 */
export function mayBeAsked(url: URL, { registry }: { readonly registry: URL }): boolean {
  return isSecure(url) || (!isSecure(registry) && isOnThisMachine(url));
}

/** A URL as errors show it: queries of uploads and of storage hold what signs them. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function isRegistry(url: URL): boolean {
  // Whatever else a URL can hold makes it longer than its origin.
  return url.href === `${url.origin}/` && (isSecure(url) || isOnThisMachine(url));
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:';
}

function isOnThisMachine({ protocol, hostname }: URL): boolean {
  if (protocol !== 'http:') return false;
  const address = hostname.replace(/^\[|\]$/g, '');
  return address === 'localhost' || loopback.check(address) || loopback.check(address, 'ipv6');
}
