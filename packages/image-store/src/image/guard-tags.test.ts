import { isMaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { checkGivenTag, guardedDigest, guardTag, inputTag, isReserved } from './guard-tags.ts';
import { isTag } from './names.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

it('guards a digest with a tag that tells which', () => {
  expect(isTag(guardTag(digest))).toBe(true);
  expect(guardedDigest(guardTag(digest))).toBe(digest);
});

it.each(['latest', 'maestro-keep-', 'maestro-keep-abc', `sha256-${'0'.repeat(64)}`])('%s guards nothing', (tag) => {
  expect(guardedDigest(tag)).toBeUndefined();
  expect(isReserved(tag)).toBe(false);
  expect(() => {
    checkGivenTag(tag);
  }).not.toThrow();
});

it('names the image of an input with a tag that guards nothing', () => {
  expect(isTag(inputTag(digest))).toBe(true);
  expect(guardedDigest(inputTag(digest))).toBeUndefined();
});

it.each([guardTag(digest), inputTag(digest)])('%s is for nobody to give', (tag) => {
  expect(isReserved(tag)).toBe(true);
  expect(() => {
    checkGivenTag(tag);
  }).toThrow(expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME')) as Error);
});
