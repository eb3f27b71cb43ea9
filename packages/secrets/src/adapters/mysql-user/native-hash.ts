import { createHash } from 'node:crypto';

import type { Redacted } from '@maestro/core';

/** What a server keeps of a password for `mysql_native_password`. */
export function nativeHash(password: Redacted): string {
  const sha1 = (data: string | Buffer) => createHash('sha1').update(data).digest();
  return `*${sha1(sha1(password.reveal())).toString('hex').toUpperCase()}`;
}
