import { readFile } from 'node:fs/promises';

import { isMaestroError, Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { openOciImageStore } from '../../src/oci.ts';
import { imageStoreContract } from '../../src/testing.ts';
import { RegistryFront } from './registry-front.ts';
import { imageOf, newNamespace, openPlain, repository } from './registry-images.ts';

describeWith('the image store in an open registry', ['image-repository'], (parts) => {
  const create = () => Promise.resolve(openPlain(parts()['image-repository']).store);
  for (const { name, run } of imageStoreContract(create)) it(name, run);

  it('takes a layer that another repository of the namespace has from there', async () => {
    const { address, prefix } = parts()['image-repository'];
    await using front = await RegistryFront.open(address);
    const { store } = openPlain({ address: front.origin, prefix });
    await store.put(await imageOf('shared'));
    await store.put(await imageOf('shared', { repository: 'shop-web' }));
    expect(front.count('POST', /shop-web\/blobs\/uploads\/\?mount=/)).toBe(1);
    // The configuration says which repository the image is of.
    expect(front.count('PUT', /shop-web\/blobs/)).toBe(1);
    expect(await store.list({ repository: 'shop-web' })).toHaveLength(1);
  });

  it('moves no blob to give an image one more tag', async () => {
    const { address, prefix } = parts()['image-repository'];
    await using front = await RegistryFront.open(address);
    const { store } = openPlain({ address: front.origin, prefix });
    const { digest } = await store.put(await imageOf('one'));
    front.requests.length = 0;
    await store.retag({ repository, digest, tag: 'stable' });
    expect(front.requests.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
    // The image by its guard and the tag's holder are asked for, and the tag is written: however many tags there are.
    expect(front.requests).toHaveLength(3);
    expect(await store.resolve({ repository, reference: 'stable' })).toMatchObject({ digest });
  });

  it('gives no image the tag that guards another one', async () => {
    const { store } = openPlain(parts()['image-repository']);
    const { digest } = await store.put(await imageOf('one'));
    const taken = store.retag({ repository, digest, tag: `maestro-keep-${'0'.repeat(64)}` });
    await expect(taken).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'));
  });

  it.each(['Shop', 'shop//api', '../shop', 'shop/'])('is not opened with the namespace %s', (namespace) => {
    const { address } = parts()['image-repository'];
    expect(() => openOciImageStore({ registry: address, namespace })).toThrow('cannot be the name of a repository');
  });
});

describeWith('the image store in a registry behind TLS and a password', ['secured-image-repository'], (parts) => {
  const open = async (given?: string) => {
    const { address, prefix, username, password, ca } = parts()['secured-image-repository'];
    const credentials = () => Promise.resolve({ username, password: new Redacted(given ?? password) });
    const certificate = ca === undefined ? undefined : await readFile(ca, 'utf8');
    return openOciImageStore({ registry: address, namespace: newNamespace(prefix), credentials, ca: certificate });
  };

  describe('keeps the contract', () => {
    for (const { name, run } of imageStoreContract(open)) it(name, run);
  });

  it('is refused with a wrong password, which no error repeats', async () => {
    const error: unknown = await (await open('wrong-horse')).list({ repository }).catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_UNAUTHORIZED')).toBe(true);
    expect(JSON.stringify(error)).not.toContain('wrong-horse');
  });

  it('sends nothing to a registry whose certificate it does not trust', async () => {
    const store = openOciImageStore({ registry: parts()['secured-image-repository'].address });
    const error: unknown = await store.list({ repository }).catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')).toBe(true);
    expect(error).toMatchObject({ retryable: false, hint: expect.stringContaining('as "ca"') as string });
  });
});
