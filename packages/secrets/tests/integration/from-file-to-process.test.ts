import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { dotenvStore, loadFingerprintKey } from '../../src/dotenv.ts';
import { createScrubber, prepareSecrets, revealAsEnvironment } from '../../src/index.ts';

const run = promisify(execFile);

async function project(env: string) {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-secrets-'));
  const file = join(folder, '.env');
  await writeFile(file, env, { mode: 0o600 });
  const key = join(folder, 'state', 'fingerprint.key');
  return { file, key, store: dotenvStore({ file, fingerprintKey: await loadFingerprintKey(key) }) };
}

it('takes a secret from the file into a process, and out of what the process prints', async () => {
  const { store } = await project("PASSWORD='p@ss#word 1'\nUNUSED=other-secret\n");
  const prepared = await prepareSecrets({ store, services: [{ name: 'api', secrets: ['PASSWORD'] }] });
  const secrets = prepared.forService('api');

  const printEnvironment = ['-e', 'console.log(JSON.stringify(process.env))'];
  const { stdout } = await run(process.execPath, printEnvironment, { env: revealAsEnvironment(secrets) });
  expect(JSON.parse(stdout)).toMatchObject({ PASSWORD: 'p@ss#word 1' });
  expect(stdout).not.toContain('other-secret');

  const stream = createScrubber(Object.values(secrets)).scrubStream();
  stream.end(stdout);
  expect(await text(stream)).toContain('"PASSWORD":"[redacted]"');
});

it('knows a value again in another process, and refuses a rollback once it was changed', async () => {
  const { file, key, store } = await project('TOKEN=first\n');
  const services = [{ name: 'api', secrets: ['TOKEN'] }];
  const { versions } = await prepareSecrets({ store, services });

  const later = dotenvStore({ file, fingerprintKey: await loadFingerprintKey(key) });
  expect((await prepareSecrets({ store: later, services, versions })).versions).toEqual(versions);

  await writeFile(file, 'TOKEN=second\n');
  await expect(prepareSecrets({ store: later, services, versions })).rejects.toMatchObject({
    code: 'SECRETS_VERSION_GONE',
    hint: `put the earlier value back into ${file}`,
  });
});
