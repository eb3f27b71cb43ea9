import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import type { Redacted } from '@maestro/core';

const derive = promisify(pbkdf2);
/** The server's own defaults. */
const iterations = 4096;
const saltBytes = 16;
const keyBytes = 32;

/**
 * What PostgreSQL keeps of a password (RFC 5803), made here so that no statement has the password itself. Undefined for a
 * password beyond printable ASCII, which the server's and the drivers' preparation of text (RFC 4013) may change.
 */
export async function scramVerifier(password: Redacted, salt = randomBytes(saltBytes)): Promise<string | undefined> {
  const text = password.reveal();
  if (!/^[\x20-\x7e]+$/.test(text)) return undefined;
  const salted = await derive(text, salt, iterations, keyBytes, 'sha256');
  const keyOf = (use: string) => createHmac('sha256', salted).update(use).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const serverKey = keyOf('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
