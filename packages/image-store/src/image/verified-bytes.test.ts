import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { digestOf } from './blob.ts';
import { verifiedBytes } from './verified-bytes.ts';

const damaged = (found: string) => new Error(found);

async function* given(chunks: readonly Uint8Array[]) {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** What comes out, and the message of what was thrown. */
async function passed(chunks: readonly Uint8Array[], expected: Uint8Array) {
  const out: Uint8Array[] = [];
  const descriptor = { digest: digestOf(expected), size: expected.byteLength };
  try {
    for await (const chunk of verifiedBytes(given(chunks), descriptor, damaged)) out.push(chunk);
    return { bytes: Buffer.concat(out), problem: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(out), problem: (error as Error).message };
  }
}

const chunked = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });

describe('verifiedBytes', () => {
  it('hands on what is as it should be, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(chunked, async (chunks) => {
        const whole = Buffer.concat(chunks);
        expect(await passed(chunks, whole)).toEqual({ bytes: whole, problem: undefined });
      }),
    );
  });

  it('throws for anything else, before as many bytes as there should be came out', async () => {
    await fc.assert(
      fc.asyncProperty(chunked, fc.uint8Array({ minLength: 1, maxLength: 200 }), async (chunks, expected) => {
        fc.pre(!Buffer.concat(chunks).equals(expected));
        const { bytes, problem } = await passed(chunks, expected);
        expect(problem).toMatch(/^it (is longer than|ends after)|^its contents are sha256:/);
        expect(bytes.byteLength).toBeLessThan(expected.byteLength);
      }),
    );
  });

  it.each([
    ['a wrong last byte', 'abcdefgX', /^its contents are sha256:/],
    ['a byte too few', 'abcdefg', /^it ends after 7 of 8 bytes$/],
    ['a byte too many', 'abcdefgh!', /^it is longer than 8 bytes$/],
  ])('says of %s what it is', async (_, text, message) => {
    const chunks = Array.from(text, (letter) => Buffer.from(letter));
    expect((await passed(chunks, Buffer.from('abcdefgh'))).problem).toMatch(message);
  });
});
