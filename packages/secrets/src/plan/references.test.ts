import { Redacted } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { expand, referencesIn } from './references.ts';

function expanded(id: string, secrets: Readonly<Record<string, string>>) {
  const expansion = expand(id, (name) => {
    const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    return value === undefined ? undefined : { value: new Redacted(value), version: 'v1', encoding: 'text' };
  });
  return expansion.failure ?? expansion.text;
}

describe('referencesIn', () => {
  it.each([
    ['postgres://{{maestro:db#user}}:{{maestro:db#password}}@db', ['db#user', 'db#password']],
    ['{{maestro:a}}{{maestro:a}}', ['a']],
    ['{{maestro:shop/production/a.b-c_d@e}}', ['shop/production/a.b-c_d@e']],
    ['{{maestro:db#a key with blanks}}', ['db#a key with blanks']],
    ['{{secret:a}} {{ maestro:a }} {{a}} ${a} {maestro:a}', []],
    ['{{maestro:}} {{maestro: a}} {{maestro:a', []],
  ])('of %s', (text, ids) => {
    expect(referencesIn(text)).toEqual(ids);
  });
});

describe('expand', () => {
  it('replaces references, also in what they refer to', () => {
    const secrets = {
      url: 'postgres://{{maestro:db#user}}:{{maestro:password}}@db/{{maestro:db#user}}',
      db: '{"user":"shop","host":"db"}',
      password: '$& {{maestro:pepper}}',
      pepper: "$'",
    };
    expect(expanded('url', secrets)).toBe("postgres://shop:$& $'@db/shop");
  });

  it('keeps a JSON document one, whatever is put into it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const secrets = { a: '{"x": "<{{maestro:b}}>"}', b: value.replaceAll('{{maestro:', '') };
        fc.pre(secrets.b !== '');
        const text = expanded('a', secrets);
        expect(typeof text === 'string' ? JSON.parse(text) : text).toEqual({ x: `<${secrets.b}>` });
        expect(expanded('a#x', secrets)).toBe(`<${secrets.b}>`);
      }),
    );
  });

  it('leaves text without references as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (text) => {
        fc.pre(!text.includes('{{maestro:'));
        expect(expanded('a', { a: text })).toBe(text);
      }),
    );
  });

  it.each([
    ['a', 'itself', { a: '{{maestro:a}}' }, ['a', 'a']],
    [
      'a',
      'itself over others',
      { a: '{{maestro:b}}', b: '{{maestro:c#k}}', c: '{"k":"{{maestro:a}}"}' },
      ['a', 'b', 'c#k', 'a'],
    ],
  ])('refuses what leads back to %s: %s', (id, _, secrets, chain) => {
    expect(() => expanded(id, secrets)).toThrow(
      expect.objectContaining({
        code: 'SECRETS_BAD_REFERENCE',
        message: `the secret ${chain.join(' -> ')}: its references lead back to itself`,
        details: { chain },
      }),
    );
  });

  it('follows two keys of one secret to each other', () => {
    expect(expanded('a#url', { a: '{"url":"x{{maestro:a#password}}","password":"p"}' })).toBe('xp');
  });

  it('follows five references in a row, and no more', () => {
    const secrets = Object.fromEntries([
      ...Array.from({ length: 6 }, (_, index) => [`s${index}`, `{{maestro:s${index + 1}}}`] as const),
      ['s6', 'end'],
    ]);
    expect(expanded('s1', secrets)).toBe('end');
    expect(() => expanded('s0', secrets)).toThrow(expect.objectContaining({ code: 'SECRETS_BAD_REFERENCE' }));
  });

  it.each(['{{maestro:}}', '{{maestro: a}}', 'x {{maestro:a', '{{maestro:b}} {{maestro:a'])(
    'refuses %s, which is meant to be a reference',
    (text) => {
      expect(() => expanded('bad', { bad: text, a: 'x', b: 'y' })).toThrow(
        expect.objectContaining({
          code: 'SECRETS_BAD_REFERENCE',
          message: 'the secret bad: a reference in it cannot be read',
        }),
      );
    },
  );

  it('takes no value for a reference that was put in by another one', () => {
    expect(() => expanded('a', { a: '{{maestro:b}}', b: '{{maestro:' })).toThrow(
      expect.objectContaining({ details: { chain: ['a', 'b'] } }),
    );
  });

  it('does not let a few secrets become a huge one', () => {
    const ten = (name: string) => `{{maestro:${name}}}`.repeat(60);
    const secrets = { a: ten('b'), b: ten('c'), c: ten('d'), d: 'x'.repeat(60) };
    expect(() => expanded('a', secrets)).toThrow(expect.objectContaining({ code: 'SECRETS_BAD_REFERENCE' }));
  });

  it.each([
    ['a', { a: '{{maestro:b}}', b: '' }, { id: 'b', reason: 'empty', through: 'a' }],
    ['a', { a: '{{maestro:b#k}}', b: '{}' }, { id: 'b#k', reason: 'key-missing', through: 'a' }],
    ['a#k', { a: '{}' }, { id: 'a#k', reason: 'key-missing', through: undefined }],
    ['a', { a: '{{maestro:b}}' }, { id: 'b', reason: 'missing', through: 'a' }],
  ])('tells of %s what is not there', (id, secrets: Readonly<Record<string, string>>, failure) => {
    expect(expanded(id, secrets)).toEqual(failure);
  });
});
