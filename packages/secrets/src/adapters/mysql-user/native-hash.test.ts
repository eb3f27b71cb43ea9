import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { nativeHash } from './native-hash.ts';

it('is what PASSWORD() gives', () => {
  expect(nativeHash(new Redacted('password'))).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
});
