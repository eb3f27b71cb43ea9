import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { publishRelease } from '../src/publish-release.ts';

const context = { emit: () => undefined, clock: systemClock, signal: new AbortController().signal };

describe('publishRelease', () => {
  let root: string;

  beforeEach(async () => {
    vi.stubEnv('GITHUB_ACTIONS', 'true');
    vi.stubEnv('GITHUB_REPOSITORY', 'somebody/maestro');
    root = await mkdtemp(join(tmpdir(), 'maestro-release-test-'));
    await mkdir(join(root, '.changeset'));
    await mkdir(join(root, 'packages', 'box'), { recursive: true });
    const repository = { type: 'git', url: 'git+https://github.com/somebody-else/maestro.git' };
    const manifest = { name: '@maestro/box', version: '1.0.0', repository };
    await writeFile(join(root, 'packages', 'box', 'package.json'), JSON.stringify(manifest));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true, force: true });
  });

  it('refuses outside of CI, unless it is asked to', async () => {
    vi.stubEnv('GITHUB_ACTIONS', undefined);
    await expect(publish()).rejects.toMatchObject({ code: 'RELEASE_OUTSIDE_CI' });
  });

  it('refuses while changes have no version', async () => {
    await writeFile(join(root, '.changeset', 'one.md'), "---\n'@maestro/box': minor\n---\n\nIt opens.\n");
    await expect(publish()).rejects.toMatchObject({
      code: 'RELEASE_UNVERSIONED',
      details: { packages: ['@maestro/box'] },
    });
  });

  it('refuses what npm would not take: a signature of another repository', async () => {
    await expect(publish()).rejects.toMatchObject({
      code: 'RELEASE_OTHER_REPOSITORY',
      details: { packages: ['@maestro/box'], url: 'git+https://github.com/somebody/maestro.git' },
    });
  });

  function publish() {
    return publishRelease({ root, outsideCi: false }, context);
  }
});
