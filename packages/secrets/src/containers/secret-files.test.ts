import { isMaestroError, Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import { differences, secretFiles } from './secret-files.ts';

const bytes = new Uint8Array([0, 1, 255]);
const text = (files: ReadonlyMap<string, Uint8Array>, name: string) =>
  Buffer.from(files.get(name) ?? []).toString('utf8');

it('makes a file of each secret, and a variable of each text', () => {
  const files = secretFiles({ PASSWORD: new Redacted("it's"), 'tls.key': new Redacted(bytes) });
  expect([...files.keys()]).toEqual(['PASSWORD', 'tls.key', 'env']);
  expect(text(files, 'PASSWORD')).toBe("it's");
  expect(files.get('tls.key')).toBe(bytes);
  expect(text(files, 'env')).toBe("export PASSWORD='it'\\''s'\n");
});

it('is not steered by names of objects', () => {
  const files = secretFiles({ constructor: new Redacted('x') });
  expect(text(files, 'env')).toBe("export constructor='x'\n");
});

it.each(['env', 'v1', 'v27', '..data', '../up', 'a/b', '.hidden', '', 'x'.repeat(91), 'a\nb'])(
  'refuses %j as a name',
  (name) => {
    const attempt = () => secretFiles({ [name]: new Redacted(bytes) });
    expect(attempt).toThrow(expect.objectContaining({ code: 'SECRETS_REJECTED' }));
  },
);

it('refuses text that fits no variable; bytes of that name are fine', () => {
  let error: unknown;
  try {
    secretFiles({ 'tls.key': new Redacted('canary') });
  } catch (caught) {
    error = caught;
  }
  expect(isMaestroError(error, 'SECRETS_UNFIT_FOR_ENVIRONMENT')).toBe(true);
  expect(JSON.stringify(error)).not.toContain('canary');
});

it('tells which names differ', () => {
  const files = (values: Readonly<Record<string, string>>) =>
    new Map(Object.entries(values).map(([name, value]) => [name, Buffer.from(value)]));
  expect(differences(files({ A: '1', B: '2', C: '3' }), files({ B: '2', C: '4', D: '5' }))).toEqual(['A', 'C', 'D']);
  expect(differences(files({ A: '1' }), files({ A: '1' }))).toEqual([]);
});
