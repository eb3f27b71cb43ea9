import type { Transform } from 'node:stream';

import type { Redacted } from '@maestro/core';

import { createScrubStream } from './scrub-stream.ts';
import { coverSecrets } from './secret-spans.ts';
import { spellingsOf } from './spellings.ts';

/** Takes secrets out of text on its way to people: log lines, messages of errors. */
export interface Scrubber {
  /** The text with `[redacted]` in place of each secret; secrets that overlap become one. */
  scrub(text: string): string;
  /** Does the same to a stream of UTF-8, whatever the chunks; holds back only what may be the start of a secret. */
  scrubStream(): Transform;
}

/**
 * Makes a scrubber that knows these secrets as they are and in base64, URL and JSON encoding, and each line of one that
 * spans several. Values and lines shorter than 4 characters are left: hiding every `1` helps nobody.
 */
export function createScrubber(secrets: Iterable<Redacted>): Scrubber {
  const spellings = [...new Set([...secrets].flatMap((secret) => spellingsOf(secret.reveal())))];
  return {
    scrub: (text) => coverSecrets(text, spellings).text,
    scrubStream: () => createScrubStream(spellings),
  };
}
