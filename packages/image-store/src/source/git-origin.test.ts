import { expect, it } from 'vitest';

import { publicUrl } from './git-origin.ts';

it.each([
  ['https://example.org/team/shop.git', 'https://example.org/team/shop.git'],
  ['https://ada:s3cret@example.org/team/shop.git', 'https://example.org/team/shop.git'],
  ['https://s3cret@example.org/team/shop.git', 'https://example.org/team/shop.git'],
  ['https://example.org/team/shop.git?token=s3cret#s3cret', 'https://example.org/team/shop.git'],
  ['ssh://git:s3cret@example.org:2222/team/shop.git', 'ssh://git@example.org:2222/team/shop.git'],
  ['git@example.org:team/shop.git', 'git@example.org:team/shop.git'],
  ['/srv/git/shop.git', undefined],
  ['../shop.git', undefined],
  ['file:///srv/git/shop.git', undefined],
  ['ext::sh -c s3cret', undefined],
])('%s is %s', (remote, url) => {
  expect(publicUrl(remote)).toBe(url);
});
