import { Redacted } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { isSplitByTrivy, trivyArguments, trivyEnvironment } from './trivy-command.ts';

const reference = `registry.test/shop-api@sha256:${'a'.repeat(64)}`;
const login = { username: 'ada', password: new Redacted('horse') };

describe('the command of Trivy', () => {
  it('asks for the vulnerabilities of the image in the repository, in JSON', () => {
    expect(trivyArguments({ reference, server: undefined, deadlineMs: 90_000 }).join(' ')).toBe(
      `image --format json --quiet --exit-code 0 --scanners vuln --image-src remote --timeout 90000ms ${reference}`,
    );
  });

  it('names the server', () => {
    const command = trivyArguments({ reference, server: 'http://trivy.test:4954', deadlineMs: 1 });
    expect(command.slice(-3)).toEqual(['--server', 'http://trivy.test:4954', reference]);
  });

  it('holds the login in its environment', () => {
    expect(trivyEnvironment({ PATH: '/bin' }, login)).toEqual({
      PATH: '/bin',
      TRIVY_USERNAME: 'ada',
      TRIVY_PASSWORD: 'horse',
    });
  });

  it('keeps settings that say where things are, and none that leaves findings out', () => {
    const inherited = {
      TRIVY_CACHE_DIR: '/var/cache/trivy',
      TRIVY_SEVERITY: 'CRITICAL',
      TRIVY_IGNORE_UNFIXED: 'true',
      TRIVY_IGNOREFILE: '/etc/trivyignore',
      TRIVY_PASSWORD: 'of another registry',
    };
    expect(trivyEnvironment(inherited, undefined)).toEqual({ TRIVY_CACHE_DIR: '/var/cache/trivy' });
  });

  it.each([
    ['ada', 'horse', false],
    ['ada', 'horse,battery', true],
    ['ada', 'horse battery', true],
    ['ada,bob', 'horse', true],
  ])('the login %s with %s is split: %s', (username, password, split) => {
    expect(isSplitByTrivy({ username, password: new Redacted(password) })).toBe(split);
  });
});
