import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';

import { Redacted } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createScrubber } from './scrubber.ts';

const scrubberOf = (...secrets: string[]) => createScrubber(secrets.map((secret) => new Redacted(secret)));

describe('scrub', () => {
  it('replaces every occurrence', () => {
    expect(scrubberOf('s3cret').scrub('a s3cret and s3cret.')).toBe('a [redacted] and [redacted].');
  });

  it.each([
    ['base64', Buffer.from('pä"ss w/rd?').toString('base64')],
    ['base64 without padding', Buffer.from('pä"ss w/rd?').toString('base64').replace(/=+$/, '')],
    ['base64 for URLs', Buffer.from('pä"ss w/rd?').toString('base64url')],
    ['URL', 'p%C3%A4%22ss%20w%2Frd%3F'],
    ['URL with small letters', 'p%c3%a4%22ss%20w%2frd%3f'],
    ['form', 'p%C3%A4%22ss+w%2Frd%3F'],
    ['JSON', String.raw`pä\"ss w/rd?`],
    ['JSON of ASCII', String.raw`p\u00e4\"ss w/rd?`],
    ['JSON of ASCII and escaped slashes', String.raw`p\u00e4\"ss w\/rd?`],
    ['JSON of ASCII with capital letters', String.raw`p\u00E4\"ss w/rd?`],
    ['JSON in JSON', String.raw`pä\\\"ss w/rd?`],
  ])('recognises a secret in %s encoding', (_, written) => {
    expect(scrubberOf('pä"ss w/rd?').scrub(`<${written}>`)).toBe('<[redacted]>');
  });

  // Each as another program writes it.
  it.each([
    ['URL of Python', 'a%26b%3Cc%3E%2B%27d%27%28%2A%29%21~e'],
    ['form of Go', 'a%26b%3Cc%3E%2B%27d%27%28%2A%29%21~e'],
    ['password in a URL', "a&b%3Cc%3E+'d'(*)!~e"],
    ['JSON of Go', String.raw`a\u0026b\u003cc\u003e+'d'(*)!~e`],
    ['JSON of .NET', String.raw`a\u0026b\u003Cc\u003E\u002B\u0027d\u0027(*)!~e`],
    ['shell', String.raw`a&b<c>+'\''d'\''(*)!~e`],
  ])('recognises a secret full of signs as %s', (_, written) => {
    expect(scrubberOf("a&b<c>+'d'(*)!~e").scrub(`<${written}>`)).toBe('<[redacted]>');
  });

  it('leaves nothing of a long secret that a shorter one begins, overlaps or is inside of', () => {
    expect(scrubberOf('abcdefgh', 'cdef').scrub('-abcdefgh-')).toBe('-[redacted]-');
    expect(scrubberOf('pass', 'password').scrub('password')).toBe('[redacted]');
    expect(scrubberOf('abcdef', 'defghijkl').scrub('-abcdefghijkl-')).toBe('-[redacted]-');
  });

  it('recognises a single line of a secret that spans several', () => {
    expect(scrubberOf('first line\r\nsecond line\n').scrub('got: second line')).toBe('got: [redacted]');
  });

  it('leaves what is too short to be told from other text', () => {
    expect(scrubberOf('abc', '').scrub('abc')).toBe('abc');
    expect(scrubberOf('abcd').scrub('abcd')).toBe('[redacted]');
  });

  it('does not show the secrets it knows when it is printed', () => {
    expect(inspect(scrubberOf('canary-1'), { showHidden: true, depth: 9 })).not.toContain('canary');
  });
});

describe('scrubStream', () => {
  // Few letters, so that secrets overlap, repeat and begin within one another.
  const few = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '\u{1f511}'), maxLength: 40 });
  const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\u{1f511}'), minLength: 4, maxLength: 9 });

  it('writes what scrub writes, however the bytes are cut into chunks', async () => {
    const input = fc.tuple(few, few, secret, few).map((parts) => ({ text: parts.join(''), secret: parts[2] }));
    const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(input, secret, cuts, async (one, other, sizes) => {
        const scrubber = scrubberOf(one.secret, other);
        const scrubbed = await text(Readable.from(chunked(Buffer.from(one.text), sizes)).pipe(scrubber.scrubStream()));
        expect(scrubbed).toBe(scrubber.scrub(one.text));
        expect(scrubbed).not.toContain(one.secret);
      }),
      { numRuns: 500 },
    );
  });

  it('passes a line on at once, without waiting for the next one', () => {
    const stream = scrubberOf('s3cret').scrubStream();
    stream.write('the s3cret is out\n');
    expect(String(stream.read())).toBe('the [redacted] is out\n');
  });

  it('holds back what may become a secret, and lets it go at the end', async () => {
    const stream = scrubberOf('s3cret').scrubStream();
    stream.write('a s3c');
    expect(String(stream.read())).toBe('a ');
    stream.end('ond');
    expect(await text(stream)).toBe('s3cond');
  });
});

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('a secret', () => {
  const secret = fc.string({ unit: 'binary', minLength: 4, maxLength: 40 });
  const spelled: Readonly<Record<string, (text: string) => string>> = {
    'as it is': (text) => text,
    'in base64': (text) => Buffer.from(text).toString('base64'),
    'in base64 without padding': (text) => Buffer.from(text).toString('base64').replace(/=+$/, ''),
    'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
    'in a URL': (text) => encodeURIComponent(text),
    'in a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
    'in JSON': (text) => JSON.stringify(text).slice(1, -1),
    'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
    'as the password of a URL': (text) => Object.assign(new URL('x://a@b'), { password: text }).password,
  };

  it.each(Object.keys(spelled))('is found %s, in any text and cut anywhere', async (how) => {
    const around = fc.string({ unit: 'grapheme', maxLength: 20 });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(secret, around, around, sizes, async (value, before, after, cuts) => {
        const written = spelled[how]?.(value) ?? '';
        const bytes = Buffer.from(`${before}${written}${after}`);
        const stream = Readable.from(chunked(bytes, cuts)).pipe(scrubberOf(value).scrubStream());
        const scrubbed = await text(stream);
        expect(scrubbed).toContain('[redacted]');
        expect(scrubbed.replaceAll('[redacted]', '')).not.toContain(written);
      }),
    );
  });

  it('is found in the base64 of a longer text, but for what its neighbours have a part in', () => {
    const words = fc.string({ unit: 'grapheme-ascii', minLength: 9, maxLength: 40 });
    const around = fc.string({ unit: 'grapheme-ascii', maxLength: 9 });
    const alphabet = fc.constantFrom('base64' as const, 'base64url' as const);
    fc.assert(
      fc.property(words, around, around, alphabet, (value, before, after, encoding) => {
        const scrubbed = scrubberOf(value).scrub(Buffer.from(before + value + after).toString(encoding));
        const left = scrubbed.replace(/=*$/, '').split('[redacted]').join('');
        expect(scrubbed).toContain('[redacted]');
        // What is left of the secret are bits of its first and its last byte.
        expect(left.length * 6).toBeLessThanOrEqual((before.length + after.length) * 8 + 12);
      }),
    );
  });
});
