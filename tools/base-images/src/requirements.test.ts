import { expect, it } from 'vitest';

import { requireMeans } from './requirements.ts';

const able = { platform: 'linux-x64', isRoot: true, hasDebootstrap: true, hasApt: true };

it('is content with root and debootstrap on Linux x64', () => {
  expect(() => {
    requireMeans(able);
  }).not.toThrow();
});

it.each([
  [{ platform: 'darwin-arm64' }, 'only on Linux x64, and this is darwin-arm64', /^let this machine .* reach https:/],
  [{ hasDebootstrap: false }, 'only with debootstrap', /^apt-get install -y debootstrap; or let this machine/],
  [{ hasDebootstrap: false, hasApt: false }, 'only with debootstrap', /^let this machine/],
  [{ isRoot: false }, 'only by root', /^run it as root once; or let this machine/],
])('says for %j what is missing and what to do', (difference, message, hint) => {
  expect(() => {
    requireMeans({ ...able, ...difference });
  }).toThrow(
    expect.objectContaining({
      code: 'BASE_IMAGE_UNSUPPORTED',
      message: expect.stringContaining(message) as string,
      hint: expect.stringMatching(hint) as string,
    }),
  );
});
