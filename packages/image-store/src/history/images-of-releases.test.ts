import { expect, it } from 'vitest';

import { sampleRelease } from '../testing/samples.ts';
import { imagesOfReleases } from './images-of-releases.ts';

it('tells of each release which of its images are there', () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const services = sampleRelease(1).services.flatMap((service) => [service, { ...service, name: 'web', digest }]);
  const records = [sampleRelease(2, { services }), sampleRelease(1)];
  const told = imagesOfReleases({ records, stored: [{ digest }, { digest: `sha256:${'2'.repeat(64)}` }] });
  expect(told.map(({ release, images }) => [release.id, images.map(({ name, stored }) => [name, stored])])).toEqual([
    [
      sampleRelease(2).id,
      [
        ['api', false],
        ['web', true],
      ],
    ],
    [sampleRelease(1).id, [['api', false]]],
  ]);
});
