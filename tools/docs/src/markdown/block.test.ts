import { describe, expect, it } from 'vitest';

import { parseBlockInfo } from './block.ts';

const plain = { file: null, append: false, exit: 0, output: false, notRun: null };

describe('the head of a block', () => {
  it.each([
    ['', plain],
    ['file=src/a.ts', { ...plain, file: 'src/a.ts' }],
    ['file="a file.ts" append', { ...plain, file: 'a file.ts', append: true }],
    ['exit=3', { ...plain, exit: 3 }],
    ['output', { ...plain, output: true }],
    ['not-run="needs a cloud account"', { ...plain, notRun: 'needs a cloud account' }],
  ])('reads %j', (meta, info) => {
    expect(parseBlockInfo(meta)).toEqual(info);
  });

  it.each([
    'append',
    'exit',
    'exit=-1',
    'exit=many',
    'file=',
    'not-run',
    'not-run=""',
    'title="x"',
    '{1,3}',
    'file=a b',
  ])('does not understand %j', (meta) => {
    expect(() => parseBlockInfo(meta)).toThrow(/block/);
  });
});
