import { describe, expect, it } from 'vitest';

import { canBeVersion, inRegion, isAnswerFor, SecretNames } from './secret-names.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf';
const partial = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db';

describe('SecretNames', () => {
  const names = new SecretNames('shop/production/');

  it.each([
    ['DATABASE_URL', 'shop/production/DATABASE_URL'],
    ['a/b+c=d.e@f!g-h', 'shop/production/a/b+c=d.e@f!g-h'],
    [arn, arn],
    ['x'.repeat(512 - 16), `shop/production/${'x'.repeat(512 - 16)}`],
    ['x'.repeat(512 - 15), undefined],
    ['', undefined],
    ['with blank', undefined],
    ['line\n', undefined],
    ['é', undefined],
  ])('asks for %s by %s', (name, id) => {
    expect(names.idOf(name)).toBe(id);
  });

  it('knows its own names again', () => {
    expect(names.nameOf('shop/production/DATABASE_URL')).toBe('DATABASE_URL');
    expect(names.nameOf('shop/demo/DATABASE_URL')).toBeUndefined();
    expect(names.nameOf('shop/production/')).toBeUndefined();
  });
});

it('asks for an ARN in the region that is asked', () => {
  expect(inRegion(arn, 'eu-west-1')).toBe(arn.replace('eu-central-1', 'eu-west-1'));
  expect(inRegion('eu-central-1', 'eu-west-1')).toBe('eu-central-1');
});

it.each([
  ['shop/db', true],
  [arn, true],
  [partial, true],
  ['shop/d', false],
  [partial.slice(0, -1), false],
  ['arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop', false],
])('an answer is for %s: %s', (id, isFor) => {
  expect(isAnswerFor(id, { Name: 'shop/db', ARN: arn })).toBe(isFor);
});

it.each([
  ['0123456789abcdef', false],
  ['e77d39bc-9a8b-4b46-9294-52bfe094c814', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
])('%s can be a version: %s', (version, can) => {
  expect(canBeVersion(version)).toBe(can);
});
