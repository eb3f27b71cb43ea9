import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { accessAt, requestRegistry } from '../src/parts/image-repository/registry-client.ts';
import { securedImageRepository } from '../src/parts/secured-image-repository.ts';
import { newRunId, newSuiteName } from '../src/suite-name.ts';
import { describeWith } from '../src/vitest.ts';
import { getManifest, pushImage } from './pushed-images.ts';
import { sharedPartContract } from './shared-part-contract.ts';

const part = securedImageRepository;

describeWith('an image repository with a login', ['secured-image-repository', 'skopeo'], (parts) => {
  const address = () => {
    const { address: origin, username, password, ca = '' } = parts()['secured-image-repository'];
    const url = Object.assign(new URL(origin), { username, password });
    url.searchParams.set('ca', ca);
    return url.href;
  };

  sharedPartContract({
    part,
    address,
    keep: async ({ prefix }) => {
      await pushImage(accessAt(address()), `${prefix}api`, '1');
    },
    has: async ({ prefix }) => (await getManifest(accessAt(address()), `${prefix}api`, '1')).status === 200,
    dropsData: true,
  });

  it('lets nobody in without the password', async () => {
    const { login, ...withoutLogin } = accessAt(address());
    const wrong = { ...withoutLogin, login: { username: login?.username ?? '', password: 'guessed' } };
    const get = { method: 'GET', path: '/v2/' };
    expect((await requestRegistry(withoutLogin, get)).status).toBe(401);
    expect((await requestRegistry(wrong, get)).status).toBe(401);
  });

  it('shows a certificate that nobody trusts who was not given it', async () => {
    const get = { method: 'GET', path: '/v2/' };
    await expect(requestRegistry({ ...accessAt(address()), ca: undefined }, get)).rejects.toThrow(/certificate/);
  });

  it('is one that others can use with what its suites are told', async () => {
    await using suite = await part.openSuite({ address: address(), suite: newSuiteName(newRunId()) });
    const { host, prefix, username, password, ca } = suite;
    expect(suite.address).toBe(`https://${host}`);
    const digest = await pushImage(accessAt(address()), `${prefix}api`, '1');
    const certificates = await mkdtemp('/tmp/mp-');
    try {
      await copyFile(ca ?? '', join(certificates, 'ca.crt'));
      const access = [`--creds=${username}:${password}`, `--cert-dir=${certificates}`];
      for (const name of [host, host.replace('127.0.0.1', 'localhost')]) {
        const image = `docker://${name}/${prefix}api:1`;
        const { stdout } = await promisify(execFile)(parts().skopeo.program, [
          'inspect',
          ...access,
          '--format={{.Digest}}',
          image,
        ]);
        expect(stdout.trim()).toBe(digest);
      }
    } finally {
      await rm(certificates, { recursive: true });
    }
  });
});
