import { expect, it } from 'vitest';

import { commandVariables, secretVariables } from './command-variables.ts';

const inherited = {
  PATH: '/bin',
  AWS_SECRET_ACCESS_KEY: 'key',
  AWS_PROFILE: 'profile',
  AWS_REGION: 'region',
  aws_token: 'token',
  DB_PASSWORD: 'password',
};
const told = { MAESTRO_RELEASE: 'r7' };

it('tells a command of the release, and gives it no secret and nothing that says who the deployer is at AWS', () => {
  expect(commandVariables({ inherited, secrets: ['DB_PASSWORD'], pass: [], told })).toEqual({
    PATH: '/bin',
    AWS_REGION: 'region',
    MAESTRO_RELEASE: 'r7',
  });
});

it('passes on what is asked for, which is not to be shown either', () => {
  const options = { inherited, secrets: ['DB_PASSWORD'], pass: ['DB_PASSWORD', 'AWS_PROFILE'] };
  expect(commandVariables({ ...options, told })).toMatchObject({ DB_PASSWORD: 'password', AWS_PROFILE: 'profile' });
  expect(secretVariables(options).sort()).toEqual(['key', 'password', 'profile', 'token']);
});
