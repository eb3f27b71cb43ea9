import { Redacted } from '@maestro/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseSecretId, textOf } from './secret-id.ts';

const text = (value: string) => ({ value: new Redacted(value), version: 'v1', encoding: 'text' as const });

it.each([
  ['DATABASE_URL', 'DATABASE_URL', undefined],
  ['shop/db#password', 'shop/db', 'password'],
  ['shop/db#a#b', 'shop/db', 'a#b'],
  ['shop/db#', 'shop/db', ''],
  ['#db', '#db', undefined],
  ['', '', undefined],
  [
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf#user',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf',
    'user',
  ],
])('reads %s', (id, name, key) => {
  expect(parseSecretId(id)).toEqual({ name, key });
});

it.each([
  ['{"user":"shop","port":5432}', 'user', 'shop'],
  ['{"user":"shop","port":5432}', 'port', '5432'],
  ['{"n":12345678901234567890.10}', 'n', '12345678901234567890.10'],
  ['{"a":{"n":1},"n":2.0}', 'n', '2.0'],
  ['{"n":{"n":1}}', 'n', '{"n":1}'],
  ['{"list":[1,"b"]}', 'list', '[1,"b"]'],
  ['{"yes":true}', 'yes', 'true'],
  ['{"":"empty"}', '', 'empty'],
  ['{"__proto__":"own"}', '__proto__', 'own'],
  ['{"a":1}', 'b', undefined],
  ['{"a":null}', 'a', undefined],
  ['{"a":1}', 'constructor', undefined],
  ['[1]', 'length', undefined],
  ['"text"', 'length', undefined],
  ['no JSON', 'a', undefined],
])('of %s the key %s is %s', (document, key, expected) => {
  expect(textOf(text(document), key)).toBe(expected);
});

it('gives every string of an object as it is, whatever stands beside it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (others, key, value) => {
      const document = JSON.stringify({ ...others, [key]: value });
      // `JSON.stringify` leaves this one out, as it would set a prototype.
      fc.pre(key !== '__proto__');
      expect(textOf(text(document), key)).toBe(value);
    }),
  );
});

it('finds no key in bytes', () => {
  const secret = { value: new Redacted(btoa('{"a":1}')), version: 'v1', encoding: 'base64' as const };
  expect(textOf(secret, 'a')).toBeUndefined();
  expect(textOf(secret, undefined)).toBe(btoa('{"a":1}'));
});
