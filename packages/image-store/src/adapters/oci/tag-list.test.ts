import { expect, it } from 'vitest';

import { nextPage } from './tag-list.ts';

const page = new URL('https://registry.example.com/v2/shop/tags/list?n=100');

it.each([
  ['</v2/shop/tags/list?last=b&n=100>; rel="next"', '/v2/shop/tags/list?last=b&n=100'],
  ['<?last=b>;rel=next', '/v2/shop/tags/list?last=b'],
  ['<https://registry.example.com/v2/shop/tags/list?last=b>; title="more"; rel="next"', '/v2/shop/tags/list?last=b'],
  ['<https://elsewhere.example/v2/shop/tags/list?last=b>; rel="next"', '/v2/shop/tags/list?last=b'],
  ['</first>; rel="prev", </second>; rel="next"', '/second'],
  ['</first>; rel="prev"', undefined],
  ['', undefined],
  [undefined, undefined],
])('after a page with Link: %s comes %s', (link, target) => {
  expect(nextPage(link, page)).toBe(target);
});
