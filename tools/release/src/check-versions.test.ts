import { describe, expect, it } from 'vitest';

import { checkVersions, type CheckVersionsOptions, isInCaretRange } from './check-versions.ts';
import type { Manifest } from './publishable-packages.ts';
import type { Bump } from './version-packages.ts';

const core = { name: '@maestro/core', version: '0.1.0' };
const secrets = {
  name: '@maestro/secrets',
  version: '0.1.0',
  dependencies: { '@maestro/core': '^0.1.0', pg: '^8.0.0' },
};

/** Core gets a new minor, so secrets gets a patch that takes it. */
const releasedCore = { ...core, version: '0.2.0' };
const releasedSecrets = {
  ...secrets,
  version: '0.1.1',
  dependencies: { '@maestro/core': '^0.2.0', pg: '^8.0.0' },
};

function problemsOf(after: readonly Manifest[], changes: Partial<CheckVersionsOptions> = {}): readonly string[] {
  const changelogs = new Map(after.map(({ name, version }) => [name, `# ${name}\n\n## ${version}\n\n- Something.\n`]));
  const requested = new Map<string, Bump>([['@maestro/core', 'minor']]);
  const options = { before: [core, secrets], after, requested, changelogs, ...changes };
  return checkVersions(options).map(({ subject, message }) => `${subject} ${message}`);
}

describe('checkVersions', () => {
  it('accepts a release whose dependents came along', () => {
    expect(problemsOf([releasedCore, releasedSecrets])).toEqual([]);
  });

  it('accepts a patch that dependents take without a release of their own', () => {
    const requested = new Map<string, Bump>([['@maestro/core', 'patch']]);
    expect(problemsOf([{ ...core, version: '0.1.1' }, secrets], { requested })).toEqual([]);
  });

  it('finds a dependent that leaves the new version out', () => {
    expect(problemsOf([releasedCore, secrets])).toEqual([
      '@maestro/secrets depends on @maestro/core ^0.1.0, which leaves its new version 0.2.0 out',
    ]);
  });

  it('finds a peer that leaves the new version out', () => {
    const withPeer = { name: '@maestro/cli', version: '0.1.0', peerDependencies: { '@maestro/core': '^0.1.0' } };
    expect(problemsOf([releasedCore, withPeer], { before: [core, withPeer] })).toEqual([
      '@maestro/cli depends on @maestro/core ^0.1.0, which leaves its new version 0.2.0 out',
    ]);
  });

  it('finds a dependent whose dependencies changed without a version', () => {
    expect(problemsOf([releasedCore, { ...releasedSecrets, version: '0.1.0' }])).toEqual([
      '@maestro/secrets its dependencies changed, its version did not',
    ]);
  });

  it('finds a bump that is smaller than what a changeset asks for', () => {
    const requested = new Map<string, Bump>([['@maestro/core', 'major']]);
    expect(problemsOf([releasedCore, releasedSecrets], { requested })).toEqual([
      '@maestro/core went from 0.1.0 to 0.2.0, a changeset asks for major',
    ]);
  });

  it('finds a bump that nobody asked for', () => {
    expect(problemsOf([releasedCore, { ...releasedSecrets, version: '1.0.0' }])).toEqual([
      '@maestro/secrets went from 0.1.0 to 1.0.0, which no changeset asks for',
    ]);
  });

  it('finds a version that its changelog does not know', () => {
    const changelogs = new Map([['@maestro/core', '# @maestro/core\n\n## 0.2.0\n']]);
    expect(problemsOf([releasedCore, releasedSecrets], { changelogs })).toEqual([
      '@maestro/secrets CHANGELOG.md has no section 0.1.1',
    ]);
  });
});

describe('isInCaretRange', () => {
  it.each([
    ['1.2.3', '^1.2.3'],
    ['1.9.0', '^1.2.3'],
    ['0.2.4', '^0.2.3'],
    ['0.0.3', '^0.0.3'],
  ])('%s is in %s', (version, range) => {
    expect(isInCaretRange(version, range)).toBe(true);
  });

  it.each([
    ['2.0.0', '^1.2.3'],
    ['1.2.2', '^1.2.3'],
    ['0.3.0', '^0.2.3'],
    ['0.0.4', '^0.0.3'],
    ['1.2.3', '*'],
    ['1.2.3', '1.2.3'],
  ])('%s is not in %s', (version, range) => {
    expect(isInCaretRange(version, range)).toBe(false);
  });
});
