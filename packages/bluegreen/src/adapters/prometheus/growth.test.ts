import { expect, it } from 'vitest';

import { growthOf } from './growth.ts';

it.each([
  ['what was added in between', 10, 25, [15]],
  ['all of a counter that is new', null, 7, [7]],
  ['what was counted since it began anew', 100, 3, [3]],
  ['nothing of a counter that is gone', 100, null, []],
  ['nothing where nothing was counted', 5, 5, [0]],
])('is %s', (_, before, after, values) => {
  expect(growthOf([{ labels: {}, before, after }]).map(({ value }) => value)).toEqual(values);
});
