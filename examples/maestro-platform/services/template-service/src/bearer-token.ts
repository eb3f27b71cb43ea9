import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares without telling by its duration how much of a token was right. */
export function hasBearerToken(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
