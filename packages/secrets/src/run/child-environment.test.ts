import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { childEnvironment } from './child-environment.ts';

const inherited = {
  PATH: '/bin',
  AWS_SECRET_ACCESS_KEY: 'k',
  AWS_PROFILE: 'p',
  AWS_REGION: 'r',
  aws_token: 't',
  OTHER: 'o',
};
const secrets = { TOKEN: new Redacted('s') };

it("gives a child its secrets, and nothing that says who the parent is at AWS's", () => {
  const environment = childEnvironment({ inherited, secrets, withhold: [], pass: [] });
  expect(environment).toEqual({ PATH: '/bin', AWS_REGION: 'r', OTHER: 'o', TOKEN: 's' });
});

it('keeps back what is withheld, and passes on what is asked for', () => {
  const environment = childEnvironment({ inherited, secrets, withhold: ['OTHER', 'TOKEN'], pass: ['AWS_PROFILE'] });
  expect(environment).toEqual({ PATH: '/bin', AWS_PROFILE: 'p', AWS_REGION: 'r', TOKEN: 's' });
});

it('prefers a secret to what is inherited under its name', () => {
  expect(childEnvironment({ inherited: { TOKEN: 'old' }, secrets, withhold: [], pass: ['TOKEN'] })).toEqual({
    TOKEN: 's',
  });
});
