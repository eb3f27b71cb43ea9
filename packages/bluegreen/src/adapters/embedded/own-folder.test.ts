import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { checkOwnFolder } from './own-folder.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'maestro-own-folder-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it('accepts a folder of this user, and one that does not exist', async () => {
  const path = await folder();
  await checkOwnFolder(path);
  await checkOwnFolder(join(path, 'missing'));
});

it('refuses a folder that everybody can write to', async () => {
  const path = await folder();
  await chmod(path, 0o777);
  await expect(checkOwnFolder(path)).rejects.toMatchObject({
    code: 'BLUEGREEN_DAEMON_FAILED',
    details: { folder: path },
  });
});

it.runIf(process.getuid?.() === 0)('refuses a folder of another user', async () => {
  const path = await folder();
  await chown(path, 65_534, 65_534);
  await expect(checkOwnFolder(path)).rejects.toMatchObject({ code: 'BLUEGREEN_DAEMON_FAILED' });
});
