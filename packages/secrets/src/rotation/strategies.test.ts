import { Redacted } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { MemoryLoginDatabase } from '../testing.ts';
import { alternatingUsers } from './alternating-users.ts';
import { generatedPassword } from './generated-password.ts';
import { singleUser } from './single-user.ts';

const { signal } = new AbortController();
const database = new MemoryLoginDatabase({});
const secret = (username: string, others: object = {}) => ({
  name: 'database',
  value: new Redacted(JSON.stringify({ ...others, username, password: 'old' })),
});
const read = (value: Redacted) => JSON.parse(value.reveal()) as Record<string, unknown>;

describe('alternating users', () => {
  it.each([
    ['api', undefined, 'api_clone'],
    ['api_clone', undefined, 'api'],
    ['api_a', ['api_a', 'api_b'], 'api_b'],
    ['api_b', ['api_a', 'api_b'], 'api_a'],
  ] as const)('follow %s of %s with %s', async (username, users, expected) => {
    const strategy = alternatingUsers({ database, users });
    const next = await strategy.next(secret(username), { signal });
    expect(read(next).username).toBe(expected);
    expect(strategy.follows({ name: 'database', value: next }, secret(username))).toBe(true);
    expect(strategy.follows(secret(username), secret(username))).toBe(false);
  });

  it('leave everything else of the secret as it is', async () => {
    const others = { engine: 'postgres', host: 'db', port: 5432, dbname: 'shop', list: [1, { a: null }] };
    const next = await alternatingUsers({ database }).next(secret('api', others), { signal });
    expect(read(next)).toMatchObject(others);
    expect(read(next).password).not.toBe('old');
  });

  it('do not follow somebody else', async () => {
    const strategy = alternatingUsers({ database, users: ['api_a', 'api_b'] });
    await expect(strategy.next(secret('admin'), { signal })).rejects.toMatchObject({
      code: 'SECRETS_INVALID',
      message: 'database cannot be rotated: expected the user to be api_a or api_b, it is admin',
    });
  });
});

it('a single user stays, with another password', async () => {
  const strategy = singleUser({ database });
  const next = await strategy.next(secret('api'), { signal });
  expect(read(next)).toMatchObject({ username: 'api' });
  expect(read(next).password).not.toBe('old');
  expect(strategy.follows({ name: 'database', value: next }, secret('api'))).toBe(true);
  expect(strategy.follows(secret('other'), secret('api'))).toBe(false);
});

it('passwords need no quoting or encoding, have what servers ask for, and differ', () => {
  const passwords = Array.from({ length: 2000 }, () => generatedPassword().reveal());
  expect(new Set(passwords).size).toBe(passwords.length);
  for (const password of passwords) {
    expect(password).toMatch(/^[A-Za-z0-9][A-Za-z0-9._~-]{31}$/);
    expect(encodeURIComponent(password)).toBe(password);
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[-._~]/]) expect(password).toMatch(kind);
  }
});
