import { Redacted } from '@maestro/core';

/** What stands in URLs and in quotes of any kind as it is: RFC 3986's unreserved characters. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
/** 193 bits. */
const length = 32;
/** What servers ask of passwords; and no `-` in front, which programs take for an option. */
const expected = [/^[A-Za-z0-9]/, /[A-Z]/, /[a-z]/, /[0-9]/, /[-._~]/];

/** A random password of 32 characters that needs no quoting or encoding anywhere. */
export function generatedPassword(): Redacted {
  // Loaded here: most who load this package make no password.
  const { randomInt } = process.getBuiltinModule('node:crypto');
  for (;;) {
    const text = Array.from({ length }, () => alphabet[randomInt(alphabet.length)] ?? '').join('');
    if (expected.every((pattern) => pattern.test(text))) return new Redacted(text);
  }
}
