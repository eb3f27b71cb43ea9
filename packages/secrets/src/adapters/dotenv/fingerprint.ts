import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { createFileDurably, messageOf, Redacted } from '@maestro/core';

import { codeOf, keyUnreadable } from './errors.ts';

const keyBytes = 32;

/**
 * Reads the key that fingerprints are made with, or creates it: 32 random bytes that only their owner may read.
 * Callers that race for the creation all get the same key. Throws SECRETS_KEY_UNREADABLE.
 */
export async function loadFingerprintKey(
  file: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Redacted<Uint8Array>> {
  signal?.throwIfAborted();
  const key = await readOrCreate(file).catch((error: unknown) => {
    throw keyUnreadable(file, messageOf(error), error);
  });
  signal?.throwIfAborted();
  if (key.length !== keyBytes) throw keyUnreadable(file, `it has ${key.length} bytes instead of ${keyBytes}`);
  return new Redacted<Uint8Array>(key);
}

/**
 * A version for a value that has none: the same for the same value of the same secret, 12 hexadecimal digits.
 * Keyed, because versions stand in records of releases, and anybody could find a weak password by hashing guesses until
 * one fits; the name goes in, so that two secrets of one value do not show that they are equal.
 */
export function fingerprint(key: Redacted<Uint8Array>, name: string, value: string): string {
  return createHmac('sha256', key.reveal()).update(`${name}\0${value}`).digest('hex').slice(0, 12);
}

async function readOrCreate(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await createFileDurably(file, randomBytes(keyBytes));
  // Read back, as another process may have been the one to create it.
  return readFile(file);
}
