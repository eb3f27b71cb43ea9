import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { scramVerifier } from './scram-verifier.ts';

/** The password and the salt of the example in RFC 7677. */
it('is what PostgreSQL makes of the same password and salt', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  expect(await scramVerifier(new Redacted('pencil'), salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

it('has another salt each time', async () => {
  const password = new Redacted('pencil');
  expect(await scramVerifier(password)).not.toBe(await scramVerifier(password));
});

it.each(['', 'pässword', 'a\u0000b', 'non\u00a0breaking', 'tab\t'])('is not made of %j', async (password) => {
  expect(await scramVerifier(new Redacted(password))).toBeUndefined();
});
