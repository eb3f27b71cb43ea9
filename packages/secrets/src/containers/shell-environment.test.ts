import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { shellEnvironment } from './shell-environment.ts';

const nightly = process.env.MAESTRO_NIGHTLY === 'true';
const shells = [['sh'], ['dash'], ['bash'], ['bash', '--posix'], ['busybox', 'sh'], ['ksh'], ['zsh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', ':']).status === 0,
);

const trouble = fc.string({
  unit: fc.constantFrom(...Array.from('\'"\\$`\n\r\t !#&*;<>?[]{}|~=%\x01\x7f\x81\x88é€😀')),
  maxLength: 40,
});
const value = fc.oneof(trouble, fc.string({ unit: 'binary', maxLength: 40 })).filter((text) => !text.includes('\0'));

const digest = (values: Readonly<Record<string, string | undefined>>, names: readonly string[]) =>
  names.map((name) =>
    createHash('sha256')
      .update(`${name}=${values[name] ?? 'unset'}`)
      .digest('hex'),
  );

const folder = mkdtempSync(join(tmpdir(), 'maestro-shell-'));

/** What a program sees that a shell becomes after it has sourced the text. */
function sourcedBy([program = '', ...args]: readonly string[], text: string): Record<string, string> {
  const file = join(folder, 'env');
  writeFileSync(file, text);
  const script = `set -eu; . "$1"; exec "$0" -e 'process.stdout.write(JSON.stringify(process.env))'`;
  const { stdout } = spawnSync(program, [...args, '-c', script, process.execPath, file], {
    encoding: 'utf8',
    // With a socket as its input Bash takes itself for one of a remote login, and reads its files.
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(stdout) as Record<string, string>;
}

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('read by %s', (_, shell) => {
  it('gives every value to a program as it was', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 200, maxLength: 200, size: 'max' }), (values) => {
        const named = Object.fromEntries(values.map((one, at) => [`V_${at}`, one]));
        const found = sourcedBy(shell, shellEnvironment(named));
        expect(digest(found, Object.keys(named))).toEqual(digest(named, Object.keys(named)));
      }),
      { numRuns: nightly ? 50 : 3 },
    );
  });
});

it('refuses names and values that no shell can hold, without the value', () => {
  const failure = (values: Readonly<Record<string, string>>): unknown => {
    try {
      return shellEnvironment(values);
    } catch (error) {
      return error;
    }
  };
  for (const name of ['', 'A-B', 'A.B', '1A', 'A B', 'A;rm']) {
    expect(isMaestroError(failure({ [name]: 'canary' }), 'SECRETS_UNFIT_FOR_ENVIRONMENT')).toBe(true);
  }
  const error = failure({ A: 'canary\0' });
  expect(isMaestroError(error, 'SECRETS_UNFIT_FOR_ENVIRONMENT')).toBe(true);
  expect(JSON.stringify(error)).not.toContain('canary');
});
