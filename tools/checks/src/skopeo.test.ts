import { expect, it } from 'vitest';

import { skopeoAdvice } from './skopeo.ts';

it.each([
  ['leaves a skopeo that is there alone', { hasSkopeo: true, isRoot: true, isDebian: true }, 'present'],
  ['installs it as root on Debian', { hasSkopeo: false, isRoot: true, isDebian: true }, 'install'],
  ['asks a user for it', { hasSkopeo: false, isRoot: false, isDebian: true }, 'ask'],
  ['asks for it on other systems', { hasSkopeo: false, isRoot: true, isDebian: false }, 'ask'],
])('%s', (_, machine, advice) => {
  expect(skopeoAdvice(machine)).toBe(advice);
});
