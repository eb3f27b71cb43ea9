import { expect, it } from 'vitest';

import { missingIgnores } from './render-files.ts';

const wanted = ['.maestro/', '.env'];

it.each([
  ['', '.maestro/\n.env\n'],
  ['node_modules\n', '.maestro/\n.env\n'],
  ['node_modules', '\n.maestro/\n.env\n'],
  ['/.maestro\r\n', '.env\n'],
  ['.env\n.maestro/\n', ''],
])('adds to %j what is missing', (before, more) => {
  expect(missingIgnores(before, wanted)).toBe(more);
});
