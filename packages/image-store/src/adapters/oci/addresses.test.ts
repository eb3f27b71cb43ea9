import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { mayBeAsked, registryAddress } from './addresses.ts';

describe('the address of a registry', () => {
  const valid = [
    ['https://registry.example.com', 'https://registry.example.com'],
    ['https://registry.example.com:5000/', 'https://registry.example.com:5000'],
    ['http://localhost:5000', 'http://localhost:5000'],
    ['http://127.0.0.2:5000', 'http://127.0.0.2:5000'],
    ['http://[::1]:5000', 'http://[::1]:5000'],
  ];
  it.each(valid)('may be %s', (text, origin) => {
    expect(registryAddress(text).origin).toBe(origin);
  });

  const invalid = [
    'registry.example.com',
    'localhost:5000',
    'http://registry.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1:5000',
    'https://registry.example.com/team',
    'https://registry.example.com/?team',
    'ftp://localhost',
    '',
  ];
  it.each(invalid)('may not be "%s"', (text) => {
    expect(() => registryAddress(text)).toThrow('https://<host>[:<port>]');
  });

  it('may not hold a password, which no error repeats', () => {
    for (const text of ['https://ada:secret@registry.example.com', 'https://ada:secret@registry example']) {
      try {
        registryAddress(text);
        expect.unreachable();
      } catch (error) {
        expect(isMaestroError(error, 'IMAGE_STORE_INVALID_REGISTRY')).toBe(true);
        expect(JSON.stringify(error)).not.toContain('secret');
      }
    }
  });
});

it.each([
  ['https://registry.example.com', 'https://storage.example.net/blob', true],
  ['https://registry.example.com', 'http://storage.example.net/blob', false],
  ['https://registry.example.com', 'http://127.0.0.1/blob', false],
  ['http://127.0.0.1:5000', 'http://localhost:6000/blob', true],
  ['http://127.0.0.1:5000', 'https://storage.example.net/blob', true],
  ['http://127.0.0.1:5000', 'http://storage.example.net/blob', false],
  ['http://127.0.0.1:5000', 'file:///etc/passwd', false],
])('a registry at %s that leads to %s is followed: %s', (registry, url, followed) => {
  expect(mayBeAsked(new URL(url), { registry: new URL(registry) })).toBe(followed);
});
