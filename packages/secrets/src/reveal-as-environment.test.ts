import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { revealAsEnvironment } from './reveal-as-environment.ts';

it('gives the plain values out', () => {
  const secrets = { A: new Redacted('alpha'), B: new Redacted('b=\n$x') };
  expect(revealAsEnvironment(secrets)).toEqual({ A: 'alpha', B: 'b=\n$x' });
});

it.each([
  ['a value with NUL', { A: new Redacted('canary\0') }],
  ['a name with =', { 'A=B': new Redacted('canary') }],
  ['an empty name', { '': new Redacted('canary') }],
])('refuses %s and does not show the value', (_, secrets) => {
  const reveal = () => revealAsEnvironment(secrets);
  expect(reveal).toThrow(expect.objectContaining({ code: 'SECRETS_UNFIT_FOR_ENVIRONMENT' }));
  expect(reveal).toThrow(/^(?!.*canary)/s);
});
