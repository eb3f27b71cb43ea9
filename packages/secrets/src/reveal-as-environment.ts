import type { Redacted } from '@maestro/core';

import { unfitForEnvironment } from './errors.ts';

/**
 * Gives the plain values out, to be merged into the environment of a child process in memory and nowhere else.
 * Throws SECRETS_UNFIT_FOR_ENVIRONMENT for what no environment can hold; `spawn` would throw too, with the value in its
 * message.
 */
export function revealAsEnvironment(secrets: Readonly<Record<string, Redacted>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => {
      const value = secret.reveal();
      if (name === '' || /[=\0]/.test(name)) throw unfitForEnvironment(name, 'its name is empty or holds "=" or NUL');
      if (value.includes('\0')) throw unfitForEnvironment(name, 'its value holds a NUL character');
      return [name, value];
    }),
  );
}
