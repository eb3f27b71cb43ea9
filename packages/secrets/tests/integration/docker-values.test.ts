import { createHash } from 'node:crypto';

import { describeWith } from '@maestro/services/vitest';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';

import { openContainerSecrets } from '../../src/docker.ts';
import { prepareSecrets } from '../../src/index.ts';
import { MemorySecretStore } from '../../src/testing.ts';
import { appImageMs, DockerApps, owner } from './docker-apps.ts';

const count = 10_000;
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

describeWith('ten thousand values', ['docker'], (parts) => {
  let apps: DockerApps;
  beforeAll(async () => {
    apps = new DockerApps(parts().docker);
    await apps.build();
  }, appImageMs);

  it('come out of a store in a container byte for byte', { timeout: 180_000 }, async () => {
    const values = fc.sample(value, count);
    const stored = Object.fromEntries(values.map((one, at) => [`V_${at}`, one]));
    const services = [{ name: 'api', secrets: Object.keys(stored) }];
    const prepared = await prepareSecrets({ store: new MemorySecretStore(stored), services });

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
