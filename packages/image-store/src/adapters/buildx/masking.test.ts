import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { masking } from './masking.ts';

it('takes secrets out of lines, the longer ones first, and each line of those that have several', () => {
  const mask = masking([new Redacted('token'), new Redacted('token-long'), new Redacted('{\n  "key": "k3y"\n}\n')]);
  expect(mask('a token, token-long and "key": "k3y" {')).toBe('a [redacted], [redacted] and [redacted] {');
  expect(masking([new Redacted('')])('as it was')).toBe('as it was');
});
