import { expect, it } from 'vitest';

import { shortDigest, shortImage, shortRevision } from './images.ts';

it('shortens a digest to its first 12 hexadecimal digits', () => {
  expect(shortDigest(`sha256:0123456789abcdef${'0'.repeat(48)}`)).toBe('0123456789ab');
});

it('shows an image without the host and port of its repository', () => {
  expect(shortImage('registry.example.com:5000/shop/maestro-api:demo-abc1234')).toBe('maestro-api:demo-abc1234');
  expect(shortImage('maestro-api:demo-abc1234')).toBe('maestro-api:demo-abc1234');
});

it.each([
  ['0123456789abcdef0123456789abcdef01234567', '0123456789ab'],
  ['0123456789abcdef0123456789abcdef01234567-dirty', '0123456789ab-dirty'],
  ['abc1234', 'abc1234'],
])('shortens the commit %s', (revision, short) => {
  expect(shortRevision(revision)).toBe(short);
});
