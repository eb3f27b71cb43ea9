import type { Transform } from 'node:stream';

import { coverSecrets, startOfUnfinished } from './secret-spans.ts';

/** Scrubs UTF-8 as it passes; a secret that is split over chunks is seen whole. */
export function createScrubStream(spellings: readonly string[]): Transform {
  // Not imported: that would cost every process that loads this package, and Node has them already.
  const { Transform } = process.getBuiltinModule('node:stream');
  const { StringDecoder } = process.getBuiltinModule('node:string_decoder');
  const decoder = new StringDecoder('utf8');
  let pending = '';
  // How much of `pending` belongs to a secret whose placeholder is already out.
  let covered = 0;

  function pass(text: string, isLast: boolean): string {
    pending += text;
    const end = isLast ? pending.length : startOfUnfinished(pending, spellings);
    const scrubbed = coverSecrets(pending, spellings, { covered, end });
    covered = scrubbed.beyond;
    pending = pending.slice(end);
    return scrubbed.text;
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, pass(decoder.write(chunk), false));
    },
    flush(done) {
      done(null, pass(decoder.end(), true));
    },
  });
}
