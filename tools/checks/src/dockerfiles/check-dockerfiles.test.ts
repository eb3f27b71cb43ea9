import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { checkDockerfiles } from './check-dockerfiles.ts';

it('finds the Dockerfiles of a folder, and says what breaks which rule where', async () => {
  const root = await mkdtemp(join(tmpdir(), 'maestro-checks-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const files = {
    'api/Dockerfile': 'FROM node\nHEALTHCHECK NONE\nUSER 0\n',
    'docker/web.Dockerfile': 'FROM node:24\nHEALTHCHECK NONE\nUSER 5\n',
    'docker/api.Dockerfile': 'FROM node:24\n',
    'docker/Dockerfile.dockerignore': 'FROM node\n',
    'node_modules/x/Dockerfile': 'FROM node\n',
    '.git/Dockerfile': 'FROM node\n',
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const tally = checkDockerfiles({ root });
  expect(tally).toMatchObject({ passed: 0, failed: 2, skipped: 0 });
  expect(tally.failures?.join('\n')).toBe(
    [
      'api/Dockerfile',
      '  DL3006 at line 1: name the version of the image, by a tag or a digest',
      '  DL3002 at line 3: the last USER should not be root',
      'docker/api.Dockerfile',
      '  DL3057 at line 1: the image has no HEALTHCHECK',
    ].join('\n'),
  );
});
