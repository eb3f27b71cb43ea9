import { createHmac, timingSafeEqual } from 'node:crypto';

import type { Secrets, SecretStage } from '@maestro/secrets';

/** The secret that messages are signed with. */
export const signingKey = 'SIGNING_KEY';

export interface Signatures {
  /** With the current key. */
  sign(message: string): Promise<string>;
  /** By which key it is right, so that a rotation makes no signature wrong that is under way; null for a wrong one. */
  verify(message: string, signature: string): Promise<'current' | 'previous' | null>;
}

export function createSignatures(secrets: Secrets): Signatures {
  // The value is in the reader's cache; it is given out here, where it is used, and kept nowhere.
  const signWith = async (message: string, stage: SecretStage) => {
    const key = await secrets.get(signingKey, { stage });
    return createHmac('sha256', key.reveal()).update(message).digest('hex');
  };
  return {
    sign: (message) => signWith(message, 'current'),
    async verify(message, signature) {
      if (isSame(await signWith(message, 'current'), signature)) return 'current';
      // A store may have none: there was no rotation yet, or it keeps the current one only.
      const previous = await signWith(message, 'previous').catch(() => undefined);
      return previous !== undefined && isSame(previous, signature) ? 'previous' : null;
    },
  };
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
