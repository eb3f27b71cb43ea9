import { expect, it } from 'vitest';

import { differenceOf } from './difference.ts';

it('says where texts begin to differ and what is gone and new, in a few lines', () => {
  expect(differenceOf('a\nb', 'a\nb')).toBeNull();
  expect(differenceOf('a\nb\nc', 'a\nd\nc')).toEqual({ line: 2, summary: '- b\n+ d' });
  expect(differenceOf('', 'a\nb')).toEqual({ line: 1, summary: '- \n+ a\n+ b' });
  const many = Array.from({ length: 9 }, (_, index) => String(index)).join('\n');
  expect(differenceOf('x', many)?.summary).toMatch(/and 3 more lines$/);
});
