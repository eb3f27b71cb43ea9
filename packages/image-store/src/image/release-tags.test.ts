import fc from 'fast-check';
import { expect, it } from 'vitest';

import { sampleReleaseId } from '../testing/samples.ts';
import { isTag } from './names.ts';
import { releaseTag, taggedRelease } from './release-tags.ts';

const environments = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,62}$/);
const ids = fc.nat({ max: 999 }).map(sampleReleaseId);

it('is read back, whatever hyphens and dots the environment has', () => {
  fc.assert(
    fc.property(environments, ids, (environment, id) => {
      const tag = releaseTag({ environment, id });
      expect(isTag(tag)).toBe(true);
      expect(taggedRelease(tag)).toEqual({ environment, id });
    }),
  );
});

it('takes the last 26 characters for the id, also where the environment ends in one', () => {
  const environment = `demo-${sampleReleaseId(1)}`;
  const id = sampleReleaseId(2);
  expect(taggedRelease(releaseTag({ environment, id }))).toEqual({ environment, id });
});

it.each([
  'latest',
  'h-production',
  `h--${sampleReleaseId(1)}`,
  `h-production-${sampleReleaseId(1).toLowerCase()}`,
  `h-production-${sampleReleaseId(1)}0`,
  `g-production-${sampleReleaseId(1)}`,
  `h-${'e'.repeat(64)}-${sampleReleaseId(1)}`,
])('is not %s', (tag) => {
  expect(taggedRelease(tag)).toBeUndefined();
});
