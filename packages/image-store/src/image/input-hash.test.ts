import { expect, it } from 'vitest';

import type { SourceFile } from '../source/image-source.ts';
import { inputHashOf } from './input-hash.ts';

const file = (path: string, text: string, mode: SourceFile['mode'] = 0o644): SourceFile => ({
  path,
  mode,
  contents: Buffer.from(text),
});

it('is the same for the same files and labels, and another one for any other', () => {
  const base = inputHashOf([file('a', 'x'), file('b', 'y')], {});
  expect(inputHashOf([file('a', 'x'), file('b', 'y')], {})).toBe(base);
  const others = [
    inputHashOf([file('a', 'x')], {}),
    inputHashOf([file('a', 'x'), file('b', 'z')], {}),
    inputHashOf([file('a', 'x'), file('c', 'y')], {}),
    inputHashOf([file('a', 'x'), file('b', 'y', 0o755)], {}),
    inputHashOf([file('a', 'x'), file('b', 'y')], { team: 'shop' }),
    inputHashOf([file('a', 'x["b",420,1]y')], {}),
  ];
  expect(new Set([base, ...others]).size).toBe(others.length + 1);
});
