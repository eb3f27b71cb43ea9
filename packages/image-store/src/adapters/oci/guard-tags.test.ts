import { expect, it } from 'vitest';

import { isTag } from '../../image/names.ts';
import { guardedDigest, guardTag } from './guard-tags.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

it('guards a digest with a tag that tells which', () => {
  expect(isTag(guardTag(digest))).toBe(true);
  expect(guardedDigest(guardTag(digest))).toBe(digest);
});

it.each(['latest', 'maestro-keep-', 'maestro-keep-abc', `sha256-${'0'.repeat(64)}`])('%s guards nothing', (tag) => {
  expect(guardedDigest(tag)).toBeUndefined();
});
