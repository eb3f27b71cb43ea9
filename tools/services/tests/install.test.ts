import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findPart } from '../src/find-part.ts';
import { canInstall } from '../src/machine.ts';
import type { OwnPart } from '../src/part.ts';
import { programVersion } from '../src/parts/program-version.ts';
import { useOwnPart } from '../src/use-part.ts';
import { ownState } from './own-state.ts';

const policyFile = '/usr/sbin/policy-rc.d';

/** The smallest of Debian's packages that brings a program; nobody has it by chance. */
const hello: OwnPart = {
  kind: 'own',
  name: 'hello',
  title: 'GNU hello',
  variable: 'MAESTRO_TEST_HELLO',
  programs: [{ name: 'hello' }],
  // It does not tell its own.
  version: () => programVersion('dpkg-query', ['--show', 'hello']),
  debianPackages: ['hello'],
  elsewhere: 'install GNU hello',
  openSuite: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
};

describe.runIf(canInstall())('installing a part as root on Debian', () => {
  const purge = () => execFileSync('apt-get', ['purge', '-y', '-qq', 'hello'], { stdio: 'ignore' });
  beforeAll(purge, 60_000);
  afterAll(purge, 60_000);

  it(
    'makes it available, and changes nothing about when this machine starts servers',
    { timeout: 120_000 },
    async () => {
      const state = await ownState([]);
      const policy = existsSync(policyFile) ? readFileSync(policyFile, 'utf8') : undefined;
      expect(await findPart(hello, state)).toMatchObject({ state: 'installable', packages: ['hello'] });

      const said: string[] = [];
      const programs = await useOwnPart(hello, { state, say: (line) => said.push(line) });

      expect(said).toEqual(['installing hello with apt-get …']);
      expect(programs).toEqual({ hello: '/usr/bin/hello' });
      const version = expect.stringMatching(/^\d+\.\d+/) as string;
      expect(await findPart(hello, state)).toMatchObject({ state: 'available', version, programs: ['/usr/bin/hello'] });
      expect(existsSync(policyFile) ? readFileSync(policyFile, 'utf8') : undefined).toBe(policy);
    },
  );

  it('says what apt said when it fails, with the command to try', { timeout: 120_000 }, async () => {
    const state = await ownState([]);
    const unknown = { ...hello, programs: [{ name: 'no-such-program' }], debianPackages: ['no-such-package'] };
    await expect(useOwnPart(unknown, { state, say: () => undefined })).rejects.toMatchObject({
      code: 'PART_INSTALL_FAILED',
      message: expect.stringContaining('Unable to locate package no-such-package') as string,
      hint: 'apt-get update && apt-get install no-such-package',
    });
  });

  it('says so when the packages did not bring the program', { timeout: 120_000 }, async () => {
    const state = await ownState([]);
    const wrong = { ...hello, programs: [{ name: 'no-such-program' }] };
    await expect(useOwnPart(wrong, { state, say: () => undefined })).rejects.toMatchObject({
      code: 'PART_INSTALL_FAILED',
      hint: 'set MAESTRO_TEST_HELLO',
    });
  });
});
