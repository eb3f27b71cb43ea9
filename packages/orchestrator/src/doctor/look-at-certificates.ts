import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { ResolvedCertificate } from '@maestro/registry';
import { messageOf } from '@maestro/core';

/** A certificate of the proxy and its key, as they are found. */
export interface CertificateFacts {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Names that it is configured to be shown for. */
  readonly hosts: readonly string[];
  /** Why one of the two files cannot be read; null where both can. */
  readonly problem: { readonly file: string; readonly reason: string } | null;
  readonly keyFits: boolean;
  /** Names that it is made out for, such as `*.example.com`. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A certificate that is trusted besides those of the system. */
export interface TrustedFacts {
  readonly file: string;
  /** Null where it can be read. */
  readonly reason: string | null;
}

export async function lookAtCertificate({
  certificateFile,
  keyFile,
  hosts,
}: ResolvedCertificate): Promise<CertificateFacts> {
  const common = { certificateFile, keyFile, hosts };
  const unread = { ...common, keyFits: false, names: [], expiresAt: 0 };
  const certificate = await parsed(certificateFile, (pem) => new X509Certificate(pem));
  if ('reason' in certificate) return { ...unread, problem: { file: certificateFile, reason: certificate.reason } };
  const key = await parsed(keyFile, (pem) => createPrivateKey(pem));
  if ('reason' in key) return { ...unread, problem: { file: keyFile, reason: key.reason } };
  const { value } = certificate;
  return {
    ...common,
    problem: null,
    keyFits: value.checkPrivateKey(key.value),
    names: namesIn(value),
    expiresAt: Date.parse(value.validTo),
  };
}

export async function lookAtTrusted(file: string): Promise<TrustedFacts> {
  const certificate = await parsed(file, (pem) => new X509Certificate(pem));
  return { file, reason: 'reason' in certificate ? certificate.reason : null };
}

/** What is wrong with a key is said without a word of it. */
async function parsed<T>(
  file: string,
  parse: (pem: Buffer) => T,
): Promise<{ readonly value: T } | { readonly reason: string }> {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    return { reason: messageOf(error) };
  }
  try {
    return { value: parse(pem) };
  } catch {
    return { reason: 'it is not in PEM, or damaged' };
  }
}

/** Names for hosts only; a certificate without alternatives has its common name. */
function namesIn({ subject, subjectAltName }: X509Certificate): readonly string[] {
  const alternatives = (subjectAltName ?? '')
    .split(', ')
    .flatMap((one) => /^(?:DNS|IP Address):(.+)$/.exec(one)?.[1] ?? []);
  const common = /(?:^|\n)CN=([^\n]+)/.exec(subject)?.[1];
  return alternatives.length > 0 || common === undefined ? alternatives : [common];
}
