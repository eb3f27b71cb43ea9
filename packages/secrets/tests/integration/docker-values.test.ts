import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';

import { openContainerSecrets } from '../../src/docker.ts';
import { dotenvStore, loadFingerprintKey } from '../../src/dotenv.ts';
import { diffSecrets, prepareSecrets, uploadSecrets } from '../../src/index.ts';
import { FakeSecretsManager } from '../../src/testing.ts';
import { appImageMs, DockerApps, owner } from './docker-apps.ts';
import { envLine, envValue } from './env-values.ts';

const fromFile = 10_000;
/** Besides, values that no `.env` file can hold, as others have written them into the store. */
const others = 1000;
const count = fromFile + others;
const trouble = fc.string({
  unit: fc.constantFrom(...Array.from('\'"\\$`\n\r\t !#&*;<>?[]{}|~=%\x01\x7f\x81\x88é€😀')),
});
const value = fc
  .oneof(trouble, fc.string({ unit: 'binary' }), fc.base64String(), fc.json())
  .filter((text) => text !== '' && !text.includes('\0'));

/** Tells the digest of all values, each with its length, as files and as variables. */
const program = `
  const { createHash } = require('node:crypto');
  const { readFileSync } = require('node:fs');
  const digest = (read) => {
    const hash = createHash('sha256');
    for (let at = 0; at < ${count}; at += 1) {
      const bytes = read('V_' + at);
      hash.update(bytes.length + ':').update(bytes);
    }
    return hash.digest('hex');
  };
  console.log(digest((name) => readFileSync('/run/secrets/' + name)));
  console.log(digest((name) => Buffer.from(process.env[name])));
`;

describeWith('more than ten thousand values', ['docker'], (parts) => {
  let apps: DockerApps;
  beforeAll(async () => {
    apps = new DockerApps(parts().docker);
    await apps.build();
  }, appImageMs);

  it('come from a file through a store into a container byte for byte', { timeout: 300_000 }, async () => {
    const values = [...fc.sample(envValue, fromFile), ...fc.sample(value, others)];
    const named = values.map((one, at) => [`V_${at}`, one] as const);
    const folder = await mkdtemp(join(tmpdir(), 'maestro-values-'));
    const file = join(folder, '.env');
    const lines = named.slice(0, fromFile).map(([name, one]) => `${envLine(name, one) ?? ''}\n`);
    await writeFile(file, lines.join(''), { mode: 0o600 });
    const aws = new FakeSecretsManager();
    await using store = aws.store({ prefix: 'shop/' });
    const from = dotenvStore({ file, fingerprintKey: await loadFingerprintKey(join(folder, 'fingerprint.key')) });
    await uploadSecrets({ from, to: store, diff: await diffSecrets({ from, to: store }) });
    for (const [name, one] of named.slice(fromFile)) aws.set(`shop/${name}`, one);

    const services = [{ name: 'api', secrets: named.map(([name]) => name) }];
    const prepared = await prepareSecrets({ store, services });

    const { address, suite } = parts().docker;
    const secrets = openContainerSecrets({ engine: address, project: suite, environment: 'values' });
    const mount = await secrets.inject({ service: 'api', owner, secrets: prepared.forService('api') });
    const { code, printed } = await apps.run({ name: 'values', command: ['node', '-e', program], mount });

    const hash = createHash('sha256');
    for (const one of values) hash.update(`${Buffer.byteLength(one)}:`).update(one);
    const expected = hash.digest('hex');
    expect(printed).toBe(`${expected}\n${expected}\n`);
    expect(code).toBe(0);
  });
});
