import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { loginInUrl } from './login-in-url.ts';

it('tells where a database is and who logs in, decoded', () => {
  const read = loginInUrl(new Redacted('postgres://ad%40min:p%2F%23w@db.internal:5433/sh%20op'));
  expect(read).toEqual({
    address: { host: 'db.internal', port: 5433, database: 'sh op', tls: false },
    certificate: null,
    username: 'ad@min',
    password: new Redacted('p/#w'),
  });
  expect(read.password.reveal()).toBe('p/#w');
  expect(loginInUrl(new Redacted('mysql://a@[::1]/b')).address).toEqual({
    host: '::1',
    port: undefined,
    database: 'b',
    tls: false,
  });
});

it.each([
  ['disable', false],
  ['allow', false],
  ['prefer', true],
  ['require', true],
  ['verify-full', true],
  ['no-verify', true],
])('takes sslmode=%s for TLS: %s', (mode, tls) => {
  const read = loginInUrl(new Redacted(`postgres://a@b/c?sslmode=${mode}&sslrootcert=/etc/ca.pem`));
  expect(read).toMatchObject({ address: { tls }, certificate: '/etc/ca.pem' });
});
