import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { accessAt } from '../src/parts/image-repository/registry-client.ts';
import { imageRepository } from '../src/parts/image-repository.ts';
import { newRunId, newSuiteName } from '../src/suite-name.ts';
import { describeWith } from '../src/vitest.ts';
import { getManifest, pushImage, pushIndex } from './pushed-images.ts';
import { sharedPartContract } from './shared-part-contract.ts';

const part = imageRepository;

describeWith('an image repository', ['image-repository', 'skopeo'], (parts) => {
  const address = () => parts()['image-repository'].address;
  const skopeo = async (...args: readonly string[]) =>
    (await promisify(execFile)(parts().skopeo.program, args)).stdout.trim();
  const has = async (repository: string, reference: string) =>
    (await getManifest(accessAt(address()), repository, reference)).status === 200;

  sharedPartContract({
    part,
    address,
    keep: async ({ prefix }) => {
      await pushImage(accessAt(address()), `${prefix}api`, '1');
    },
    has: ({ prefix }) => has(`${prefix}api`, '1'),
    dropsData: true,
  });

  it('is one that others can push to and read from, at the address that images are named with', async () => {
    const { host, prefix } = await openSuite();
    const digest = await pushImage(accessAt(address()), `${prefix}api`, '1');
    const [from, to] = [`docker://${host}/${prefix}api:1`, `docker://${host}/${prefix}copy:1`];
    await skopeo('copy', '--src-tls-verify=false', '--dest-tls-verify=false', from, to);
    expect(await skopeo('inspect', '--tls-verify=false', '--format={{.Digest}}', to)).toBe(digest);
  });

  it('loses all images of a suite: several tags of one, and those of an index', async () => {
    const suite = await openSuite();
    const access = accessAt(address());
    const repository = `${suite.prefix}deep/api`;
    const tagged = await pushImage(access, `${suite.prefix}api`, '1');
    expect(await pushImage(access, `${suite.prefix}api`, '2')).toBe(tagged);
    const digests = await pushIndex(access, repository, 'multi');
    for (const digest of digests) expect(await has(repository, digest)).toBe(true);
    await suite[Symbol.asyncDispose]();
    for (const digest of digests) expect(await has(repository, digest)).toBe(false);
    for (const reference of ['1', '2', tagged]) expect(await has(`${suite.prefix}api`, reference)).toBe(false);
  });

  it('loses nothing of a suite whose name another one only begins with', async () => {
    const name = newSuiteName(newRunId());
    const suite = await part.openSuite({ address: address(), suite: name });
    await pushImage(accessAt(address()), `${name}0/api`, '1');
    await suite[Symbol.asyncDispose]();
    expect(await has(`${name}0/api`, '1')).toBe(true);
    await part.removeSuites({ address: address(), isLeftover: (repository) => repository === `${name}0/api` });
    expect(await has(`${name}0/api`, '1')).toBe(false);
  });

  it('finds the repositories of a suite beyond the first hundred', async () => {
    const suite = await openSuite();
    const repositories = Array.from({ length: 120 }, (_, number) => `${suite.prefix}r${number}`);
    await Promise.all(repositories.map((repository) => pushImage(accessAt(address()), repository, '1')));
    await suite[Symbol.asyncDispose]();
    const left = await Promise.all(repositories.map((repository) => has(repository, '1')));
    expect(left).not.toContain(true);
  });

  it('is no server that answers something else', async () => {
    const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await using _ = { [Symbol.asyncDispose]: () => promisify(other.close.bind(other))() };
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const asked = part.server.ask(`http://127.0.0.1:${port}`, AbortSignal.timeout(5_000));
    await expect(asked).rejects.toThrow(/registry/);
  });

  function openSuite() {
    return part.openSuite({ address: address(), suite: newSuiteName(newRunId()) });
  }
});
