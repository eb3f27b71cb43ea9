import { messageOf } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import { shown } from './addresses.ts';
import { loginCommand } from './docker-login.ts';
import type { Permission } from './permission.ts';

/** What was asked, for messages. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
}

export interface AskedOfRepository extends Asked {
  /** With the namespace. */
  readonly repository: string;
}

export function unreachable(asked: Asked, cause: unknown): ImageStoreError {
  const { host, hostname, port } = asked.url;
  const untrusted = isAboutTrust(cause);
  return new ImageStoreError('IMAGE_STORE_UNREACHABLE', `${place(asked)} failed: ${messageOf(cause)}`, {
    hint: untrusted
      ? `see its certificate, and give the one to trust as "ca": openssl s_client -showcerts -connect ${hostname}:${port || '443'}`
      : `try it from this machine: curl --verbose ${asked.url.origin}/v2/`,
    details: { registry: host },
    retryable: !untrusted,
    cause,
  });
}

export function noAnswer(asked: Asked, deadlineMs: number): ImageStoreError {
  return unreachable(asked, new Error(`expected an answer within ${deadlineMs} ms`));
}

export function tooSlow(asked: Asked): ImageStoreError {
  return unreachable(asked, new Error('expected 100 kB a second, and no pause of 30 seconds'));
}

/** An answer that may be another one soon. */
export function unavailable(asked: Asked & { readonly status: number; readonly retryAfterMs?: number | undefined }) {
  const { status, retryAfterMs, url } = asked;
  return new ImageStoreError('IMAGE_STORE_UNREACHABLE', `${place(asked)} was answered with ${status}`, {
    hint:
      status === 429
        ? `the registry limits requests: ${loginCommand(url.host)} raises the limit of many, or try again later`
        : `try again, and if it stays, see the registry's log: curl --verbose ${url.origin}/v2/`,
    details: { registry: url.host, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    retryable: true,
  });
}

export function unexpectedAnswer(asked: Asked, found: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNEXPECTED_ANSWER', `${place(asked)}: ${found}`, {
    hint: `is it a registry? curl --verbose ${asked.url.origin}/v2/`,
    details: { registry: asked.url.host },
  });
}

export function unauthorized({ registry, repository, action }: Permission, problem: string): ImageStoreError {
  const { host } = registry;
  return new ImageStoreError('IMAGE_STORE_UNAUTHORIZED', `cannot ${action} in ${host}/${repository}: ${problem}`, {
    hint: loginCommand(host),
    details: { registry: host, repository, action },
  });
}

export function denied({ registry, repository, action }: Permission): ImageStoreError {
  const { host } = registry;
  const message = `cannot ${action} in ${host}/${repository}: the registry does not let this account`;
  return new ImageStoreError('IMAGE_STORE_DENIED', message, {
    hint: `let it ${action} there, or log in as another one: ${loginCommand(host)}`,
    details: { registry: host, repository, action },
  });
}

export function deleteDisabled({ url, repository }: AskedOfRepository): ImageStoreError {
  const message = `${url.host} deletes no images by its interface, so the image stays in ${repository}`;
  return new ImageStoreError('IMAGE_STORE_DELETE_DISABLED', message, {
    hint: "for the CNCF registry set REGISTRY_STORAGE_DELETE_ENABLED=true; elsewhere delete it with the vendor's tools",
    details: { registry: url.host, repository },
  });
}

export function pushFailed(asked: AskedOfRepository, found: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_PUSH_FAILED', `${place(asked)}: ${found}`, {
    hint: `see that ${asked.repository} exists at ${asked.url.host}, and that its tags may be moved`,
    details: { registry: asked.url.host, repository: asked.repository },
  });
}

export function corruptAnswer(url: URL, found: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_CORRUPT', `${shown(url)} is damaged: ${found}`, {
    hint: 'try again; if it stays, remove the image and put it again: maestro images build --push',
    details: { registry: url.host },
  });
}

function place({ method, url }: Asked): string {
  return `${method} ${shown(url)}`;
}

/** Codes of https://nodejs.org/api/tls.html#x509-certificate-error-codes, and of a server that speaks no TLS. */
function isAboutTrust(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|^UNABLE_TO_|^INVALID_(?:CA|PURPOSE)$|^ERR_(?:SSL|TLS)_|^EPROTO$/.test(code);
}
