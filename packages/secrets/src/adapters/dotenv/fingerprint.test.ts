import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { expect, it } from 'vitest';

import { fingerprint, loadFingerprintKey } from './fingerprint.ts';

const keyFile = async () => join(await mkdtemp(join(tmpdir(), 'maestro-secrets-')), 'deep', 'fingerprint.key');

it('creates a key that only its owner may read, and reads it from then on', async () => {
  const file = await keyFile();
  const created = await loadFingerprintKey(file);
  expect(created.reveal()).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadFingerprintKey(file)).reveal()).toEqual(created.reveal());
  expect((await loadFingerprintKey(await keyFile())).reveal()).not.toEqual(created.reveal());
});

it('gives all callers that race for the creation the same key', async () => {
  const file = await keyFile();
  const keys = await Promise.all(Array.from({ length: 20 }, () => loadFingerprintKey(file)));
  const distinct = new Set(keys.map((key) => Buffer.from(key.reveal()).toString('hex')));
  expect([...distinct]).toEqual([(await readFile(file)).toString('hex')]);
  expect(await readdir(join(file, '..'))).toEqual(['fingerprint.key']);
});

it('refuses a key of another length instead of replacing it', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'maestro-secrets-')), 'key');
  await writeFile(file, 'short');
  await expect(loadFingerprintKey(file)).rejects.toMatchObject({
    code: 'SECRETS_KEY_UNREADABLE',
    message: `cannot use the fingerprint key ${file}: it has 5 bytes instead of 32`,
  });
  expect(await readFile(file, 'utf8')).toBe('short');
});

it('reports a place where no key can be', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'maestro-secrets-')), 'file');
  await writeFile(file, '');
  await expect(loadFingerprintKey(join(file, 'key'))).rejects.toMatchObject({ code: 'SECRETS_KEY_UNREADABLE' });
});

it('stops at an aborted signal before it creates anything', async () => {
  const file = await keyFile();
  const signal = AbortSignal.abort(new Error('stopped by the operator'));
  await expect(loadFingerprintKey(file, { signal })).rejects.toThrow('stopped by the operator');
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

it('does not show the key when it is printed', async () => {
  const key = await loadFingerprintKey(await keyFile());
  expect(inspect(key, { showHidden: true, depth: 9 })).toBe('[redacted]');
});

it('takes the boundary between name and value into account', async () => {
  const key = await loadFingerprintKey(await keyFile());
  expect(fingerprint(key, 'AB', 'C')).not.toBe(fingerprint(key, 'A', 'BC'));
});
