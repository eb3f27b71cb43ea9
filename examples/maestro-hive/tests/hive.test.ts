import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { diffSecrets, uploadSecrets } from '@maestro/secrets';
import { awsStore } from '@maestro/secrets/aws';
import { dotenvStore, loadFingerprintKey } from '@maestro/secrets/dotenv';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { startHive } from './hive-process.ts';

const keys = ['k3y-canary-one', 'k3y-canary-two'] as const;

async function envFile(key: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'hive-')), '.env');
  await write(file, key);
  return file;
}

function write(file: string, key: string): Promise<void> {
  return writeFile(file, `SIGNING_KEY='${key}'\n`, { mode: 0o600 });
}

it('signs with the key of a .env file, and with the next one once that is written', async () => {
  const file = await envFile(keys[0]);
  await using hive = await startHive({ SECRETS_FILE: file });
  const first = await hive.sign('order 17');
  expect(await hive.sign('order 17')).toBe(first);
  expect(await hive.verify('order 17', first)).toBe('current');
  expect(await hive.verify('order 18', first)).toBeNull();
  expect(await hive.verify('order 17', 'short')).toBeNull();

  await write(file, keys[1]);
  await expect.poll(() => hive.sign('order 17'), { timeout: 20_000 }).not.toBe(first);
  // A file keeps no earlier value.
  expect(await hive.verify('order 17', first)).toBeNull();
  expect(hive.printed()).toMatch(/SIGNING_KEY has version \S+, before \S+\n/);
  for (const key of keys) expect(hive.printed()).not.toContain(key);
  expect(await hive.stop()).toBe(0);
});

it('does not start without its secret, and says its name', async () => {
  const file = await envFile(keys[0]);
  await writeFile(file, "ANOTHER='1'\n");
  await expect(startHive({ SECRETS_FILE: file })).rejects.toThrow(/SECRETS_MISSING[^]*SIGNING_KEY/);
  await expect(startHive({})).rejects.toThrow('set SECRETS_FILE, or AWS_REGION and SECRETS_PREFIX');
});

describeWith('with secrets in AWS', ['aws'], (parts) => {
  beforeEach(() => {
    const { credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('takes a new key by itself, and knows signatures of the one before', async () => {
    const { endpoint, region, credentials } = parts().aws;
    const file = await envFile(keys[0]);
    const from = dotenvStore({ file, fingerprintKey: await loadFingerprintKey(`${file}.key`) });
    await using to = awsStore({ regions: [region], prefix: 'hive/test/', endpoint });
    const upload = async () => uploadSecrets({ from, to, diff: await diffSecrets({ from, to }) });
    await upload();

    await using hive = await startHive({
      SECRETS_PREFIX: 'hive/test/',
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    });
    const first = await hive.sign('order 17');
    await write(file, keys[1]);
    expect(await upload()).toMatchObject({ changed: ['SIGNING_KEY'] });
    await expect.poll(() => hive.sign('order 17'), { timeout: 20_000 }).not.toBe(first);
    expect(await hive.verify('order 17', first)).toBe('previous');
    expect(await hive.verify('order 17', await hive.sign('order 17'))).toBe('current');

    expect(hive.printed()).toMatch(/SIGNING_KEY has version (\S+)\n[^]*SIGNING_KEY has version \S+, before \1\n/);
    for (const key of keys) expect(hive.printed()).not.toContain(key);
    expect(await hive.stop()).toBe(0);
  });
});
